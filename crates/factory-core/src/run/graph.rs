//! The task graph: names that exist, no cycles, and what must be skipped when something fails.

use std::collections::{BTreeMap, BTreeSet};

use super::event::SkippedTask;
use super::state::Run;
use super::task::{State, Task, TaskSpec};
use crate::id::TaskId;

/// A graph that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphFault {
    /// Two tasks share a name.
    #[error("task `{0}` is defined twice")]
    Duplicate(TaskId),
    /// A task needs one that does not exist.
    #[error("task `{task}` needs `{needed}`, which does not exist")]
    Missing {
        /// The task.
        task: TaskId,
        /// What it needs.
        needed: TaskId,
    },
    /// Tasks depend on each other in a cycle.
    #[error("tasks depend on each other in a cycle: {}", path.iter().map(TaskId::as_str).collect::<Vec<_>>().join(" → "))]
    Cycle {
        /// The cycle; its first task is repeated at the end.
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

/// A task that is given up for this reason.
pub(super) fn skip(task: &Task, reason: String) -> SkippedTask {
    SkippedTask {
        task_id: task.spec.id.clone(),
        reason,
        cancelled: matches!(task.state, State::Running { .. }).then_some(task.epoch),
    }
}

/// Tasks that can never start any more: they need one that failed, was skipped, or left a check red. Each with the
/// task at the root of it.
pub(super) fn stranded(run: &Run) -> Vec<SkippedTask> {
    let mut dependants: BTreeMap<&TaskId, Vec<&Task>> = BTreeMap::new();
    for task in run.tasks.values().filter(|task| !task.state.is_final()) {
        for needed in &task.spec.needs {
            dependants.entry(needed).or_default().push(task);
        }
    }
    let mut roots: Vec<(&Task, &str)> = Vec::new();
    for task in run.tasks.values() {
        match &task.state {
            State::Failed { .. } => roots.push((task, "failed")),
            State::Skipped { .. } => roots.push((task, "was skipped")),
            State::Done if !task.is_met() => roots.push((task, "left a check red")),
            _ => {}
        }
    }
    let mut seen: BTreeSet<&TaskId> = BTreeSet::new();
    let mut skipped = Vec::new();
    for (root, why) in roots {
        let mut next = vec![&root.spec.id];
        while let Some(lost) = next.pop() {
            for task in dependants.get(lost).into_iter().flatten() {
                if seen.insert(&task.spec.id) {
                    let reason = format!("needs `{}`, which {why}", root.spec.id);
                    skipped.push(skip(task, reason));
                    next.push(&task.spec.id);
                }
            }
        }
    }
    skipped
}
