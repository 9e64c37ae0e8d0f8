//! Which tables there are.

use super::table::{Column, ColumnKind, Table};

macro_rules! table {
    ($(#[$doc:meta])* $name:ident = $sql:literal { $($column:ident: $kind:ident $($indexed:ident)?),* $(,)? }) => {
        $(#[$doc])*
        pub static $name: Table = Table {
            name: $sql,
            columns: &[$(Column {
                name: stringify!($column),
                kind: ColumnKind::$kind,
                indexed: table!(@indexed $($indexed)?),
            }),*],
        };
    };
    (@indexed) => { false };
    (@indexed indexed) => { true };
}

table! {
    /// One row per startup.
    STARTUPS = "startups" {
        name: Text, state: Text, waits_for: Text, brief: Text, template: Text, run_id: Text, created_at: Text,
        ended_at: Text,
    }
}
table! {
    /// What each startup holds.
    ALLOCATIONS = "allocations" {
        memory_mib: Integer, cpu_millicores: Integer, disk_mib: Integer, calls_per_hour: Integer,
        per_day_nano_usd: Integer, ports: Text, db_name: Text,
    }
}
table! {
    /// The newest process of each startup's product.
    PRODUCTS = "products" {
        state: Text indexed, pid: Integer, url: Text, ports: Text, log: Text, started_at: Text, stopped_at: Text,
        reason: Text,
    }
}
table! {
    /// One row per run.
    RUNS = "runs" {
        slug: Text indexed, playbook: Text, branch: Text, state: Text, reason: Text, tasks: Integer,
        landed: Integer, merges: Integer, merges_automatic: Integer, stories_built: Integer,
        stories_total: Integer, started_at: Text, finished_at: Text,
    }
}
table! {
    /// One row per task of a run.
    TASKS = "tasks" {
        run_id: Text indexed, task_id: Text, title: Text, phase: Text, state: Text, reason: Text,
        needs: Text, claims: Text, gate: Text, epoch: Integer, failures: Integer, place: Integer,
        base: Text, commit_id: Text, note: Text, author: Text, started_at: Text, finished_at: Text,
    }
}
table! {
    /// One row per attempt of a task.
    ATTEMPTS = "attempts" {
        run_id: Text indexed, task_id: Text, epoch: Integer, state: Text, reason: Text,
        started_at: Text, finished_at: Text,
    }
}
table! {
    /// One row per gate; its newest round.
    GATES = "gates" {
        run_id: Text indexed, name: Text, phase: Text, round: Integer, state: Text indexed, question: Text,
        artifacts: Text, opened_at: Text, verdict: Text, decided_by: Text, comment: Text, decided_at: Text,
    }
}
table! {
    /// One row per check of a run's newest verification.
    CHECKS = "checks" {
        run_id: Text indexed, check_name: Text, result: Text, detail: Text, log: Text, took_ms: Integer,
        place: Integer,
    }
}
table! {
    /// One row per story of a run.
    STORIES = "stories" {
        run_id: Text indexed, story_id: Text, text: Text, state: Text, why: Text,
    }
}

/// Every table.
pub static ALL: [&Table; 9] = [
    &STARTUPS,
    &ALLOCATIONS,
    &PRODUCTS,
    &RUNS,
    &TASKS,
    &ATTEMPTS,
    &GATES,
    &CHECKS,
    &STORIES,
];
