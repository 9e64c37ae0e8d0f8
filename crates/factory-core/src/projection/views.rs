//! Rows as typed values, for every front end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cell::FromCell as _;
use super::state::{AttemptState, GateState, ProductState, RunState};
use super::table::Row;
use crate::claim::Claim;
use crate::clock::Timestamp;
use crate::id::{BlobId, GateId, ObjectId, RunId, Slug, TaskId};
use crate::portfolio::{self, Verdict};
use crate::run::{ArtifactRef, Author, CheckState, StoryState, TaskState};

/// A row does not hold what its table promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}` of `{key}` does not hold what it should")]
pub struct ViewError {
    /// The row.
    pub key: String,
    /// The column.
    pub column: &'static str,
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident { key: $key:ident: $key_type:ty, $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The row's key.
            pub $key: $key_type,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl TryFrom<&Row> for $name {
            type Error = ViewError;

            fn try_from(row: &Row) -> Result<Self, ViewError> {
                let cell = row.0.get("key");
                let key = String::from_cell(cell).unwrap_or_default();
                let $key = <$key_type>::from_cell(cell)
                    .ok_or_else(|| ViewError { key: key.clone(), column: "key" })?;
                $(let $field = <$kind>::from_cell(row.0.get(stringify!($field)))
                    .ok_or_else(|| ViewError { key: key.clone(), column: stringify!($field) })?;)*
                Ok(Self { $key, $($field,)* })
            }
        }
    };
}

view! {
    /// A startup.
    StartupView {
        key: slug: Slug,
        /// Name as the founder writes it.
        name: String,
        /// Its state.
        state: portfolio::State,
        /// The template that builds it.
        template: String,
        /// What it waits for, while it has no resources.
        waits_for: Option<String>,
        /// Its newest run.
        run_id: Option<RunId>,
        /// When it was taken in.
        created_at: Timestamp,
        /// When its newest run ended.
        ended_at: Option<Timestamp>,
    }
}
view! {
    /// What a startup holds.
    AllocationView {
        key: slug: Slug,
        /// Memory in mebibytes.
        memory_mib: u64,
        /// Processor share in thousandths of a core.
        cpu_millicores: u64,
        /// Disk in mebibytes.
        disk_mib: u64,
        /// Its ports, lowest first.
        ports: Vec<u16>,
        /// Its own database name.
        db_name: String,
    }
}
view! {
    /// The newest process of a startup's product.
    ProductView {
        key: slug: Slug,
        /// Whether it runs, as far as the log knows.
        state: ProductState,
        /// Number of the process that leads it.
        pid: u64,
        /// Where it answers; a product without ports answers nowhere.
        url: Option<String>,
        /// Its ports, by the names that its template gives them.
        ports: BTreeMap<String, u16>,
        /// File that receives its output.
        log: String,
        /// When it was started.
        started_at: Timestamp,
        /// When its end was recorded.
        stopped_at: Option<Timestamp>,
        /// Why it stopped.
        reason: Option<String>,
    }
}
view! {
    /// A run.
    RunView {
        key: run_id: RunId,
        /// The startup.
        slug: Slug,
        /// The playbook.
        playbook: String,
        /// The target branch.
        branch: String,
        /// `running`, or how it ended.
        state: RunState,
        /// Why it did not end well.
        reason: Option<String>,
        /// Tasks in the graph.
        tasks: u64,
        /// Changes on the target branch.
        landed: u64,
        /// Landings whose base was behind and where both sides changed a common path.
        merges: u64,
        /// Those of them that needed no agent and no person.
        merges_automatic: u64,
        /// Stories that were built.
        stories_built: u64,
        /// Stories of the blueprint.
        stories_total: u64,
        /// When it began.
        started_at: Timestamp,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}
view! {
    /// A task.
    TaskView {
        key: key: String,
        /// The run.
        run_id: RunId,
        /// Its name in the run.
        task_id: TaskId,
        /// What a person reads.
        title: String,
        /// Its phase.
        phase: String,
        /// Its state.
        state: TaskState,
        /// Why it is in that state, if that needs explaining.
        reason: Option<String>,
        /// Tasks that must be done before.
        needs: Vec<TaskId>,
        /// Files that it asks to hold while it works.
        claims: Vec<Claim>,
        /// Its gate.
        gate: Option<String>,
        /// Its fencing number.
        epoch: u64,
        /// Attempts that failed.
        failures: u64,
        /// Order of adding.
        place: u64,
        /// The commit it started from.
        base: Option<ObjectId>,
        /// The commit it landed as.
        commit_id: Option<ObjectId>,
        /// What it did, in one line.
        note: Option<String>,
        /// Who did it.
        author: Option<Author>,
        /// When its newest attempt began.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}
view! {
    /// An attempt of a task.
    AttemptView {
        key: key: String,
        /// The run.
        run_id: RunId,
        /// The task.
        task_id: TaskId,
        /// Its fencing number.
        epoch: u64,
        /// Whether it works, and how it ended.
        state: AttemptState,
        /// Why.
        reason: Option<String>,
        /// When it began.
        started_at: Option<Timestamp>,
        /// When it ended.
        finished_at: Option<Timestamp>,
    }
}
view! {
    /// A gate.
    GateView {
        key: gate_id: GateId,
        /// The run.
        run_id: RunId,
        /// Its name in the playbook.
        name: String,
        /// The phase it judges.
        phase: String,
        /// Its round, from 1.
        round: u64,
        /// Whether it waits for a decision.
        state: GateState,
        /// What is to be decided.
        question: String,
        /// What to decide on.
        artifacts: Vec<ArtifactRef>,
        /// When it opened.
        opened_at: Timestamp,
        /// The answer.
        verdict: Option<Verdict>,
        /// Who gave it.
        decided_by: Option<String>,
        /// What they said.
        comment: Option<String>,
        /// When.
        decided_at: Option<Timestamp>,
    }
}
view! {
    /// What came of a check.
    CheckView {
        key: key: String,
        /// The run.
        run_id: RunId,
        /// Which check.
        check_name: String,
        /// `passed`, `failed` or `not_run`.
        result: CheckState,
        /// One line.
        detail: String,
        /// Its log's blob.
        log: Option<BlobId>,
        /// How long it took, in milliseconds.
        took_ms: u64,
        /// Order of the checks.
        place: u64,
    }
}
view! {
    /// How a story ended.
    StoryView {
        key: key: String,
        /// The run.
        run_id: RunId,
        /// Its id in the blueprint.
        story_id: String,
        /// Its text.
        text: String,
        /// `by_rule`, `by_agent` or `not_built`.
        state: StoryState,
        /// Why it was not built.
        why: Option<String>,
    }
}
