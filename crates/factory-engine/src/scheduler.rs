//! What to do next, as proposals. Pure: it reads the folded state and the claims, and changes only the claims.
//!
//! [`Scheduler::step`] never blocks a worker: a task whose claims are busy is skipped and the next runnable
//! one is proposed. Order: critical path first, then age. The runner turns proposals into commands; what
//! `core::run::decide` refuses is simply proposed again on the newer state.

use std::collections::{BTreeMap, BTreeSet};

use factory_core::claim::{Answer, Claim, ClaimTable};
use factory_core::clock::Timestamp;
use factory_core::id::{Epoch, TaskId};
use factory_core::run::{GatePolicy, Repo, Run, State, Task, Weight, unmet};

/// What may be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Start an attempt; its claims are held from now on.
    Start {
        /// The task.
        task_id: TaskId,
    },
    /// Merge a parked change: its claims are held from now on.
    Admit {
        /// The task.
        task_id: TaskId,
        /// The attempt that made it.
        epoch: Epoch,
    },
    /// Merge the queue's head, this many changes together.
    Merge {
        /// The tasks, first come first.
        tasks: Vec<TaskId>,
    },
    /// Give up an attempt whose lease has run out.
    Expire {
        /// The task.
        task_id: TaskId,
        /// The attempt.
        epoch: Epoch,
    },
    /// Let the recorded policy answer a gate.
    Approve {
        /// The task.
        task_id: TaskId,
        /// The policy.
        policy: String,
    },
}

/// What the state does not say.
#[derive(Debug, Clone, Copy)]
pub struct Input {
    /// The time now.
    pub now: Timestamp,
    /// Attempts of light work that may be started now.
    pub free_light: usize,
    /// Attempts of heavy work that may be started now.
    pub free_heavy: usize,
    /// Whether a batch is being merged.
    pub merging: bool,
}

/// Proposals, and when to ask again if nothing else happens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// What may be done now, most urgent first.
    pub proposals: Vec<Proposal>,
    /// The next time at which time alone changes something.
    pub wake_at: Option<Timestamp>,
    /// Tasks that could run but whose claims are busy, with the holder in the way.
    pub busy: BTreeMap<TaskId, String>,
    /// Whether a runnable task was left out because no attempt was free.
    pub starved: bool,
}

/// The scheduler of one repository.
#[derive(Debug, Default)]
pub struct Scheduler {
    claims: ClaimTable,
    ranks: BTreeMap<TaskId, u32>,
    ranked_count: usize,
}

/// Most changes that are merged and checked together.
const BATCH_MAX: usize = 64;

impl Scheduler {
    /// A scheduler for a folded state: what tasks were granted, extensions included, is locked again.
    pub fn restore(repo: &Repo) -> Self {
        let mut scheduler = Self::default();
        for task in repo
            .open_run()
            .into_iter()
            .flat_map(|run| run.tasks.values())
        {
            let holder = task.spec.id.as_str();
            if !task.granted.is_empty() {
                scheduler.claims.restore(holder, &task.granted);
            }
            if matches!(task.state, State::Merging { .. }) {
                scheduler.claims.collected(holder);
            }
        }
        scheduler
    }

    /// What may be done now.
    pub fn step(&mut self, repo: &Repo, input: Input) -> Step {
        let mut step = Step::default();
        let Some(run) = repo.open_run() else {
            return step;
        };
        self.rank(run);
        for task in run.tasks.values() {
            propose_timed(run, task, input, &mut step);
        }
        // One at a time and nothing beside it: while one is given up, another may come to its end.
        let expired = |proposal: &Proposal| matches!(proposal, Proposal::Expire { .. });
        if let Some(first) = step.proposals.iter().position(expired) {
            step.proposals = vec![step.proposals.swap_remove(first)];
            return step;
        }
        self.admit_parked(run, &mut step);
        if !input.merging && !run.merge_queue.is_empty() {
            let tasks = run.merge_queue.iter().take(BATCH_MAX).cloned().collect();
            step.proposals.push(Proposal::Merge { tasks });
        }
        self.start_ready(run, input, &mut step);
        step
    }

    /// The attempt's change was collected: `read` claims are free.
    pub fn collected(&mut self, task_id: &TaskId) {
        self.claims.collected(task_id.as_str());
    }

    /// The task holds nothing any more: it landed, failed, waits, or will be tried again.
    pub fn release(&mut self, task_id: &TaskId) {
        self.claims.release(task_id.as_str());
    }

    /// The claims that a task holds.
    pub fn held(&self, task_id: &TaskId) -> Vec<Claim> {
        self.claims.held(task_id.as_str())
    }

    /// Asks for more while working; never waits.
    pub fn extend(&mut self, task_id: &TaskId, more: &[Claim]) -> Answer {
        self.claims.extend(task_id.as_str(), more)
    }

    /// Parked changes first: their work is done.
    fn admit_parked(&mut self, run: &Run, step: &mut Step) {
        let mut parked: Vec<(&Task, &[Claim])> = run
            .tasks
            .values()
            .filter_map(|task| match &task.state {
                State::Parked { claims, .. } => Some((task, claims.as_slice())),
                _ => None,
            })
            .collect();
        parked.sort_by_key(|(task, _)| task.age);
        for (task, claims) in parked {
            let (task_id, epoch) = (task.spec.id.clone(), task.epoch);
            match self.claims.request(task_id.as_str(), claims, task.age) {
                Answer::Granted => {
                    self.claims.collected(task_id.as_str());
                    step.proposals.push(Proposal::Admit { task_id, epoch });
                }
                Answer::Busy(busy) => {
                    step.busy.insert(task_id, busy.by);
                }
            }
        }
    }

    fn start_ready(&mut self, run: &Run, input: Input, step: &mut Step) {
        let mut ready: Vec<&Task> = run
            .tasks
            .values()
            .filter(|task| is_ready(run, task, input.now))
            .collect();
        ready.sort_by_key(|task| {
            let rank = self.ranks.get(&task.spec.id).copied().unwrap_or(0);
            (std::cmp::Reverse(rank), task.age)
        });
        let (mut light, mut heavy) = (input.free_light, input.free_heavy);
        for task in ready {
            let free = match task.spec.weight {
                Weight::Light => &mut light,
                Weight::Heavy => &mut heavy,
            };
            if *free == 0 {
                step.starved = true;
                continue;
            }
            let task_id = task.spec.id.clone();
            match self
                .claims
                .request(task_id.as_str(), &task.spec.claims_or_all(), task.age)
            {
                Answer::Granted => {
                    *free -= 1;
                    step.proposals.push(Proposal::Start { task_id });
                }
                Answer::Busy(busy) => {
                    step.busy.insert(task_id, busy.by);
                }
            }
        }
    }

    /// The longest chain of tasks that waits for each task, in tasks. Anew only when the graph has grown.
    fn rank(&mut self, run: &Run) {
        if self.ranked_count == run.tasks.len() {
            return;
        }
        let mut dependants: BTreeMap<&TaskId, Vec<&TaskId>> = BTreeMap::new();
        for task in run.tasks.values() {
            for needed in &task.spec.needs {
                dependants.entry(needed).or_default().push(&task.spec.id);
            }
        }
        let mut ranks: BTreeMap<&TaskId, u32> = BTreeMap::new();
        for start in run.tasks.keys() {
            let mut stack = vec![(start, false)];
            let mut open: BTreeSet<&TaskId> = BTreeSet::new();
            while let Some((task_id, entered)) = stack.pop() {
                if ranks.contains_key(task_id) {
                    continue;
                }
                let after = dependants.get(task_id).map_or(&[][..], Vec::as_slice);
                if entered || !open.insert(task_id) {
                    let longest = after.iter().filter_map(|next| ranks.get(next)).max();
                    ranks.insert(task_id, longest.map_or(1, |longest| longest + 1));
                } else {
                    stack.push((task_id, true));
                    stack.extend(after.iter().map(|next| (*next, false)));
                }
            }
        }
        self.ranks = ranks
            .into_iter()
            .map(|(task_id, rank)| (task_id.clone(), rank))
            .collect();
        self.ranked_count = run.tasks.len();
    }
}

/// What needs no worker: leases that run out, tries that are due, gates that a policy answers.
fn propose_timed(run: &Run, task: &Task, input: Input, step: &mut Step) {
    match &task.state {
        State::Running { lease_until } if *lease_until <= input.now => {
            let (task_id, epoch) = (task.spec.id.clone(), task.epoch);
            step.proposals.push(Proposal::Expire { task_id, epoch });
        }
        State::Running { lease_until: at } => wake(step, *at),
        State::Pending {
            not_before: Some(at),
        } if *at > input.now => wake(step, *at),
        State::Waiting => {
            if let GatePolicy::Approve { policy } = &run.plan.gates {
                let (task_id, policy) = (task.spec.id.clone(), policy.clone());
                step.proposals.push(Proposal::Approve { task_id, policy });
            }
        }
        _ => {}
    }
}

fn wake(step: &mut Step, at: Timestamp) {
    step.wake_at = Some(step.wake_at.map_or(at, |earlier| earlier.min(at)));
}

fn is_ready(run: &Run, task: &Task, now: Timestamp) -> bool {
    let due = match task.state {
        State::Pending { not_before } => not_before.is_none_or(|at| at <= now),
        _ => false,
    };
    due && unmet(run, task).is_none()
}
