//! What comes of an attempt: its change, its artifacts, results of checks, and how stories ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{BlobId, ObjectId};
use crate::words;

/// What an attempt changed, as a tree in the repository's object database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// The commit that the attempt started from.
    pub base: Option<ObjectId>,
    /// The whole tree after the change.
    pub tree: ObjectId,
    /// Changed paths, sorted.
    pub paths: Vec<String>,
}

/// A change as it goes to the target branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// Head of the target branch before; nothing for the first commit.
    pub old_head: Option<ObjectId>,
    /// The commit to publish; equal to `old_head` for an empty change.
    pub commit: Option<ObjectId>,
    /// Whether it counts in the merge ratio: the base was behind and both sides changed a common path.
    pub merge: bool,
    /// How conflicts were settled, rung by rung of the merge ladder; empty for a clean merge.
    pub rungs: Vec<String>,
}

/// What a successful attempt yielded beside its change.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Documents that it wrote.
    pub artifacts: Vec<ArtifactRef>,
    /// Results of the checks that the task asked for.
    pub checks: Vec<CheckResult>,
    /// Stories that it settles.
    pub stories: Vec<StoryResult>,
    /// One line for people: what was done, or why nothing was.
    pub note: Option<String>,
    /// Who did it; nothing for work without an author, such as running checks.
    pub author: Option<Author>,
}

/// A document of a phase: the name that it gets in the product, and its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactRef {
    /// File name, without folders.
    pub file: String,
    /// Its content.
    pub blob: BlobId,
}

words! {
    /// Who wrote something.
    pub enum Author {
        /// A model over its API.
        Api = "api",
        /// A coding agent's command-line program.
        Cli = "cli",
        /// The rule author.
        Rules = "rules",
        /// A recorded run, repeated.
        Replay = "replay",
        /// A person handed it in.
        Given = "given",
    }
}

/// The name of a check: `snake_case`, as in `install` or `tests`. Which checks there are is the playbook's business.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckName(String);

impl CheckName {
    /// Takes the name as it is written.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckResult {
    /// Which one.
    pub check: CheckName,
    /// How it went.
    pub result: CheckState,
    /// One line: what it measured, why it failed, or why it was not run.
    pub detail: String,
    /// What it printed.
    pub log: Option<BlobId>,
    /// Wall time, in milliseconds.
    pub took_ms: u64,
}

words! {
    /// How a check went.
    pub enum CheckState {
        /// It was run and passed.
        Passed = "passed",
        /// It was run and failed.
        Failed = "failed",
        /// It was not run; the detail says why.
        NotRun = "not_run",
    }
}

/// A story of the specification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryRef {
    /// Its id in the blueprint, as in `S1`.
    pub story_id: String,
    /// The sentence.
    pub text: String,
}

/// How one story ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryResult {
    /// Which one.
    pub story: StoryRef,
    /// Whether it was built.
    pub state: StoryState,
    /// Why it was not built.
    pub why: Option<String>,
}

impl StoryResult {
    /// A story that was not built.
    pub fn not_built(story: StoryRef, why: impl Into<String>) -> Self {
        Self {
            story,
            state: StoryState::NotBuilt,
            why: Some(why.into()),
        }
    }
}

words! {
    /// How a story ended.
    pub enum StoryState {
        /// Built by a slice of the template.
        ByRule = "by_rule",
        /// Built by an agent.
        ByAgent = "by_agent",
        /// Not built; the result says why.
        NotBuilt = "not_built",
    }
}
