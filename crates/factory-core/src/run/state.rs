//! The folded state of a repository's stream.

use std::collections::BTreeMap;

use super::outcome::{CheckResult, StoryResult, StoryState};
use super::plan::{End, Plan, Subject};
use super::task::Task;
use crate::id::{ObjectId, RunId, TaskId};

/// One repository: its newest run, and the head of its target branch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repo {
    /// The newest run, if there is one.
    pub run: Option<Run>,
    /// Newest commit of the target branch that this log knows of.
    pub head: Option<ObjectId>,
}

/// One execution of a task graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name.
    pub run_id: RunId,
    /// What it works on.
    pub subject: Subject,
    /// What it was started with.
    pub plan: Plan,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// Its task graph.
    pub tasks: BTreeMap<TaskId, Task>,
    /// Tasks that have not ended. Invariant: the number of `tasks` whose state is not final.
    pub open_count: usize,
    /// Tasks whose changes wait to be merged, first come first.
    pub merge_queue: Vec<TaskId>,
    /// Results of the newest checks.
    pub checks: Vec<CheckResult>,
    /// How each story ended, by its id.
    pub stories: BTreeMap<String, StoryResult>,
}

impl Repo {
    /// The run that has not ended.
    pub fn open_run(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.end.is_none())
    }
}

impl Run {
    pub(super) fn new(run_id: RunId, subject: Subject, plan: Plan) -> Self {
        Self {
            run_id,
            subject,
            plan,
            end: None,
            tasks: BTreeMap::new(),
            open_count: 0,
            merge_queue: Vec::new(),
            checks: Vec::new(),
            stories: BTreeMap::new(),
        }
    }

    /// Stories that were built.
    pub fn built_count(&self) -> u64 {
        let built = self
            .stories
            .values()
            .filter(|story| story.state != StoryState::NotBuilt);
        built.count() as u64
    }
}
