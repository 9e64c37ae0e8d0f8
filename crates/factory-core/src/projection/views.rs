//! Rows as typed values, for every front end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Cell, Row};

/// A row does not hold what its table promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}` of `{key}` does not hold what it should")]
pub struct ViewError {
    /// The row.
    pub key: String,
    /// The column.
    pub column: &'static str,
}

/// A type that one column can be read as.
trait FromCell: Sized {
    fn from_cell(cell: Option<&Cell>) -> Option<Self>;
}

impl FromCell for String {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            Some(Cell::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

impl FromCell for u64 {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            Some(Cell::Integer(number)) => Self::try_from(*number).ok(),
            None | Some(Cell::Null) => Some(0),
            Some(Cell::Text(_)) => None,
        }
    }
}

impl FromCell for BTreeMap<String, u16> {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        serde_json::from_str(&String::from_cell(cell)?).ok()
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Option<&Cell>) -> Option<Self> {
        match cell {
            None | Some(Cell::Null) => Some(None),
            some => T::from_cell(some).map(Some),
        }
    }
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident { key: $key:ident, $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The row's key.
            pub $key: String,
            $($(#[$field_doc])* pub $field: $kind,)*
        }

        impl TryFrom<&Row> for $name {
            type Error = ViewError;

            fn try_from(row: &Row) -> Result<Self, ViewError> {
                let key = String::from_cell(row.0.get("key"))
                    .ok_or_else(|| ViewError { key: String::new(), column: "key" })?;
                $(let $field = <$kind>::from_cell(row.0.get(stringify!($field)))
                    .ok_or_else(|| ViewError { key: key.clone(), column: stringify!($field) })?;)*
                Ok(Self { $key: key, $($field,)* })
            }
        }
    };
}

view! {
    /// A startup.
    StartupView {
        key: slug,
        /// Name as the founder writes it.
        name: String,
        /// Where it stands.
        state: String,
        /// What it waits for, while it has no resources.
        waits_for: Option<String>,
        /// Its newest run.
        run_id: Option<String>,
        /// When it was taken in.
        created_at: String,
        /// When its newest run ended.
        ended_at: Option<String>,
    }
}
view! {
    /// What a startup holds.
    AllocationView {
        key: slug,
        /// Memory in mebibytes.
        memory_mib: u64,
        /// Processor share in thousandths of a core.
        cpu_millicores: u64,
        /// Disk in mebibytes.
        disk_mib: u64,
        /// Ports as a JSON list.
        ports: String,
        /// Its own database name.
        db_name: String,
    }
}
view! {
    /// The newest process of a startup's product.
    ProductView {
        key: slug,
        /// `running`, or `stopped` once its end was recorded.
        state: String,
        /// Number of the process that leads it.
        pid: u64,
        /// Where it answers; a product without ports answers nowhere.
        url: Option<String>,
        /// Its ports, by the names that its template gives them.
        ports: BTreeMap<String, u16>,
        /// File that receives its output.
        log: String,
        /// When it was started.
        started_at: String,
        /// When its end was recorded.
        stopped_at: Option<String>,
        /// Why it runs no more.
        reason: Option<String>,
    }
}
view! {
    /// A run.
    RunView {
        key: run_id,
        /// The startup.
        slug: String,
        /// The playbook.
        playbook: String,
        /// The template.
        template: String,
        /// `running`, or how it ended.
        state: String,
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
        started_at: String,
        /// When it ended.
        finished_at: Option<String>,
    }
}
view! {
    /// A task.
    TaskView {
        key: key,
        /// The run.
        run_id: String,
        /// Its name in the run.
        task_id: String,
        /// What a person reads.
        title: String,
        /// Its phase.
        phase: String,
        /// Where it stands.
        state: String,
        /// Why it stands there, if that needs a word.
        reason: Option<String>,
        /// What it needs first, as a JSON list.
        needs: String,
        /// What it claims, as a JSON list.
        claims: String,
        /// Its gate.
        gate: Option<String>,
        /// Its fencing number.
        epoch: u64,
        /// Attempts that failed.
        failures: u64,
        /// Order of adding.
        age: u64,
        /// The commit it started from.
        base: Option<String>,
        /// The commit it landed as.
        commit_id: Option<String>,
        /// What it did, in one line.
        note: Option<String>,
        /// Who did it.
        provenance: Option<String>,
        /// When its newest attempt began.
        started_at: Option<String>,
        /// When it ended.
        finished_at: Option<String>,
    }
}
view! {
    /// An attempt of a task.
    AttemptView {
        key: key,
        /// The run.
        run_id: String,
        /// The task.
        task_id: String,
        /// Its fencing number.
        epoch: u64,
        /// `running`, `succeeded`, `failed`, `lost`, `rejected`.
        state: String,
        /// Why.
        reason: Option<String>,
        /// When it began.
        started_at: Option<String>,
        /// When it ended.
        finished_at: Option<String>,
    }
}
view! {
    /// A gate.
    GateView {
        key: gate_id,
        /// The run.
        run_id: String,
        /// Its name in the playbook.
        name: String,
        /// The phase it judges.
        phase: String,
        /// Its round, from 1.
        round: u64,
        /// `open` or `decided`.
        state: String,
        /// What is to be decided.
        question: String,
        /// Artifacts to decide on, as a JSON list of file name and blob.
        artifacts: String,
        /// When it opened.
        opened_at: String,
        /// The answer.
        verdict: Option<String>,
        /// Who gave it.
        decided_by: Option<String>,
        /// What they said.
        comment: Option<String>,
        /// When.
        decided_at: Option<String>,
    }
}
view! {
    /// What came of a check.
    CheckView {
        key: key,
        /// The run.
        run_id: String,
        /// Which check.
        check_name: String,
        /// `passed`, `failed` or `not_run`.
        result: String,
        /// One line.
        detail: String,
        /// Its log's blob.
        log: Option<String>,
        /// How long it took, in milliseconds.
        took_ms: u64,
        /// Order of the checks.
        place: u64,
    }
}
view! {
    /// How a story ended.
    StoryView {
        key: key,
        /// The run.
        run_id: String,
        /// Its id in the blueprint.
        story: String,
        /// Its text.
        text: String,
        /// `by_rule`, `by_agent` or `not_built`.
        state: String,
        /// Why it was not built.
        why: Option<String>,
    }
}
