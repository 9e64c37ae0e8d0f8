//! The task graph: names that exist, no cycles, and what must be skipped when something fails.

use std::collections::{BTreeMap, BTreeSet};

use super::{Run, TaskSpec};
use crate::id::TaskId;

/// A graph that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphFault {
    /// Two tasks share a name.
    #[error("task `{0}` stands there twice")]
    Duplicate(TaskId),
    /// A task needs one that does not exist.
    #[error("task `{task}` needs `{needed}`, which does not exist")]
    Missing {
        /// The task.
        task: TaskId,
        /// What it needs.
        needed: TaskId,
    },
    /// Tasks need each other in a circle.
    #[error("tasks need each other in a circle: {}", path.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" → "))]
    Cycle {
        /// The circle; the first task stands at its end again.
        path: Vec<TaskId>,
    },
}

/// Every fault of `added` beside the tasks that are in the graph already.
pub fn check_graph<'a>(
    known: impl Iterator<Item = &'a TaskId>,
    added: &[TaskSpec],
) -> Vec<GraphFault> {
    let mut names: BTreeSet<&TaskId> = known.collect();
    let mut faults = Vec::new();
    for task in added {
        if !names.insert(&task.id) {
            faults.push(GraphFault::Duplicate(task.id.clone()));
        }
    }
    for task in added {
        for needed in task.needs.iter().filter(|needed| !names.contains(needed)) {
            faults.push(GraphFault::Missing {
                task: task.id.clone(),
                needed: needed.clone(),
            });
        }
    }
    faults.extend(cycle(added).map(|path| GraphFault::Cycle { path }));
    faults
}

/// Only added tasks can close a circle: those in the graph never learn new needs.
fn cycle(added: &[TaskSpec]) -> Option<Vec<TaskId>> {
    let needs: BTreeMap<&TaskId, &[TaskId]> = added
        .iter()
        .map(|task| (&task.id, task.needs.as_slice()))
        .collect();
    let mut done: BTreeSet<&TaskId> = BTreeSet::new();
    for start in added {
        let mut path: Vec<(&TaskId, usize)> = vec![(&start.id, 0)];
        while let Some((task, next)) = path.pop() {
            if done.contains(task) {
                continue;
            }
            let Some(needed) = needs.get(task).and_then(|list| list.get(next)) else {
                done.insert(task);
                continue;
            };
            path.push((task, next + 1));
            if let Some(from) = path.iter().position(|(on_path, _)| *on_path == needed) {
                let mut circle: Vec<TaskId> = path
                    .iter()
                    .skip(from)
                    .map(|(on_path, _)| (*on_path).clone())
                    .collect();
                circle.push(needed.clone());
                return Some(circle);
            }
            if needs.contains_key(needed) {
                path.push((needed, 0));
            }
        }
    }
    None
}

/// Tasks that can never start once `failed` has failed, each with the reason.
pub(super) fn dependants(run: &Run, failed: &TaskId, why: &str) -> Vec<(TaskId, String)> {
    let mut lost: BTreeSet<&TaskId> = BTreeSet::from([failed]);
    let mut order = Vec::new();
    let mut grew = true;
    while grew {
        grew = false;
        for task in run.tasks.values().filter(|task| !task.state.is_final()) {
            if !lost.contains(&task.spec.id)
                && task.spec.needs.iter().any(|needed| lost.contains(needed))
            {
                lost.insert(&task.spec.id);
                order.push((
                    task.spec.id.clone(),
                    format!("needs `{failed}`, which {why}"),
                ));
                grew = true;
            }
        }
    }
    order
}
