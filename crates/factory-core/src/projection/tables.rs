//! The tables, and how each event changes them.

use serde_json::json;

use super::products::{self, PRODUCTS};
use super::{Assign, Cell, Change, Column, ColumnKind, Table};
use crate::clock::Timestamp;
use crate::event::{Event, Recorded};
use crate::id::{Epoch, RunId, TaskId};
use crate::run::{StoryState, TaskSpec};
use crate::{portfolio, run};

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
pub(super) use table;

table! {
    /// One row per startup.
    STARTUPS = "startups" {
        name: Text, state: Text, waits_for: Text, brief: Text, run_id: Text, created_at: Text, ended_at: Text,
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
    /// One row per run.
    RUNS = "runs" {
        slug: Text indexed, playbook: Text, template: Text, state: Text, reason: Text, tasks: Integer,
        landed: Integer, merges: Integer, merges_automatic: Integer, stories_built: Integer,
        stories_total: Integer, started_at: Text, finished_at: Text,
    }
}
table! {
    /// One row per task of a run.
    TASKS = "tasks" {
        run_id: Text indexed, task_id: Text, title: Text, phase: Text, state: Text, reason: Text,
        needs: Text, claims: Text, gate: Text, epoch: Integer, failures: Integer, age: Integer,
        base: Text, commit_id: Text, note: Text, provenance: Text, started_at: Text, finished_at: Text,
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
        run_id: Text indexed, story: Text, text: Text, state: Text, why: Text,
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

/// What a recorded event changes, in order.
pub fn changes(recorded: &Recorded) -> Vec<Change> {
    match &recorded.event {
        Event::Portfolio(event) => of_portfolio(event, recorded.at),
        Event::Run(event) => of_run(event, recorded.at),
    }
}

pub(super) fn set(cell: impl Into<Cell>) -> Assign {
    Assign::Set(cell.into())
}

pub(super) fn when(at: Timestamp) -> Assign {
    set(at.to_string())
}

pub(super) fn upsert(
    table: &'static Table,
    key: &(impl ToString + ?Sized),
    assign: Vec<(&'static str, Assign)>,
) -> Change {
    Change::Upsert {
        table,
        key: key.to_string(),
        assign,
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
fn of_portfolio(event: &portfolio::Event, at: Timestamp) -> Vec<Change> {
    use portfolio::Event as E;
    match event {
        E::StartupCreated {
            slug, name, plan, ..
        } => vec![upsert(
            &STARTUPS,
            slug,
            vec![
                ("name", set(name.as_str())),
                ("state", set(portfolio::State::Queued.as_str())),
                ("brief", set(plan.brief.as_str())),
                ("created_at", when(at)),
            ],
        )],
        E::StartupRequeued { slug, plan, .. } => vec![upsert(
            &STARTUPS,
            slug,
            vec![
                ("state", set(portfolio::State::Queued.as_str())),
                ("brief", set(plan.brief.as_str())),
            ],
        )],
        E::AllocationGranted { slug, allocation } => {
            let (held, budget) = (allocation.resources, allocation.budget);
            vec![upsert(
                &ALLOCATIONS,
                slug,
                vec![
                    ("memory_mib", set(held.memory_mib)),
                    ("cpu_millicores", set(u64::from(held.cpu_millicores))),
                    ("disk_mib", set(held.disk_mib)),
                    ("calls_per_hour", set(u64::from(budget.calls_per_hour))),
                    ("per_day_nano_usd", set(budget.per_day_nano_usd)),
                    ("ports", set(json!(allocation.ports).to_string())),
                    ("db_name", set(allocation.database.as_str())),
                ],
            )]
        }
        E::AllocationQueued { slug, why } => {
            vec![upsert(
                &STARTUPS,
                slug,
                vec![("waits_for", set(why.as_str()))],
            )]
        }
        E::AllocationReleased { slug } => {
            vec![Change::Delete {
                table: &ALLOCATIONS,
                key: slug.to_string(),
            }]
        }
        E::ProductStarted { slug, product } => products::started(slug, product, at),
        E::ProductStopped { slug, reason } => products::stopped(slug, reason, at),
        E::RunBegun { slug, run_id } => vec![upsert(
            &STARTUPS,
            slug,
            vec![
                ("state", set(portfolio::State::Building.as_str())),
                ("waits_for", Assign::Set(Cell::Null)),
                ("run_id", set(run_id.as_str())),
                ("ended_at", Assign::Set(Cell::Null)),
            ],
        )],
        E::RunEnded { slug, state } => {
            vec![upsert(
                &STARTUPS,
                slug,
                vec![("state", set(state.as_str())), ("ended_at", when(at))],
            )]
        }
        E::GateOpened { gate_id, gate } => vec![upsert(
            &GATES,
            gate_id,
            vec![
                ("run_id", set(gate_id.run().as_str())),
                ("name", set(gate.name.as_str())),
                ("phase", set(gate.phase.as_str())),
                ("round", set(u64::from(gate.round))),
                ("state", set("open")),
                ("question", set(gate.question.as_str())),
                ("artifacts", set(json!(gate.artifacts).to_string())),
                ("opened_at", when(at)),
                ("verdict", Assign::Set(Cell::Null)),
                ("decided_by", Assign::Set(Cell::Null)),
                ("comment", Assign::Set(Cell::Null)),
                ("decided_at", Assign::Set(Cell::Null)),
            ],
        )],
        E::GateClosed { gate_id } => {
            vec![upsert(&GATES, gate_id, vec![("state", set("closed"))])]
        }
        E::GateDecided {
            gate_id, decision, ..
        } => vec![upsert(
            &GATES,
            gate_id,
            vec![
                ("state", set("decided")),
                ("verdict", set(decision.verdict.as_str())),
                ("decided_by", set(decision.by.as_str())),
                ("comment", set(decision.comment.clone())),
                ("decided_at", when(at)),
            ],
        )],
    }
}

fn task_key(run_id: &RunId, task_id: &TaskId) -> String {
    format!("{run_id}/{task_id}")
}

fn task(run_id: &RunId, task_id: &TaskId, assign: Vec<(&'static str, Assign)>) -> Change {
    upsert(&TASKS, &task_key(run_id, task_id), assign)
}

fn attempt(
    run_id: &RunId,
    task_id: &TaskId,
    epoch: Epoch,
    state: &str,
    reason: Option<&str>,
    at: Timestamp,
) -> Change {
    upsert(
        &ATTEMPTS,
        &format!("{run_id}/{task_id}/{epoch}"),
        vec![
            ("run_id", set(run_id.as_str())),
            ("task_id", set(task_id.as_str())),
            ("epoch", set(epoch.0)),
            ("state", set(state)),
            ("reason", set(reason.map(str::to_owned))),
            (
                if state == "running" {
                    "started_at"
                } else {
                    "finished_at"
                },
                when(at),
            ),
        ],
    )
}

#[expect(
    clippy::too_many_lines,
    reason = "one flat match over all events reads better than ten scattered ones"
)]
fn of_run(event: &run::Event, at: Timestamp) -> Vec<Change> {
    use run::Event as E;
    match event {
        E::RunStarted { run_id, plan } => vec![upsert(
            &RUNS,
            run_id,
            vec![
                ("slug", set(run_id.slug().as_str())),
                ("playbook", set(plan.playbook.as_str())),
                ("template", set(plan.template.as_str())),
                ("state", set("running")),
                ("tasks", set(0_u64)),
                ("landed", set(0_u64)),
                ("merges", set(0_u64)),
                ("merges_automatic", set(0_u64)),
                ("stories_built", set(0_u64)),
                ("stories_total", set(0_u64)),
                ("started_at", when(at)),
            ],
        )],
        E::TasksAdded { run_id, tasks } => {
            let count = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
            let mut changes = vec![upsert(&RUNS, run_id, vec![("tasks", Assign::Add(count))])];
            changes.extend(
                tasks
                    .iter()
                    .enumerate()
                    .map(|(place, spec)| added(run_id, spec, place, at)),
            );
            changes
        }
        E::AttemptStarted {
            run_id,
            task_id,
            epoch,
            base,
            ..
        } => vec![
            task(
                run_id,
                task_id,
                vec![
                    ("state", set("running")),
                    ("reason", Assign::Set(Cell::Null)),
                    ("epoch", set(epoch.0)),
                    (
                        "base",
                        set(base.as_ref().map(|base| base.as_str().to_owned())),
                    ),
                    ("started_at", when(at)),
                ],
            ),
            attempt(run_id, task_id, *epoch, "running", None, at),
        ],
        E::AttemptFailed {
            run_id,
            task_id,
            epoch,
            reason,
            retry_at,
        } => {
            let state = if retry_at.is_some() {
                "pending"
            } else {
                "failed"
            };
            let mut columns = vec![
                ("state", set(state)),
                ("reason", set(reason.as_str())),
                ("failures", Assign::Add(1)),
            ];
            if retry_at.is_none() {
                columns.push(("finished_at", when(at)));
            }
            vec![
                task(run_id, task_id, columns),
                attempt(run_id, task_id, *epoch, "failed", Some(reason), at),
            ]
        }
        E::AttemptLost {
            run_id,
            task_id,
            epoch,
            reason,
        } => vec![
            task(
                run_id,
                task_id,
                vec![("state", set("pending")), ("reason", set(reason.as_str()))],
            ),
            attempt(run_id, task_id, *epoch, "lost", Some(reason), at),
        ],
        E::ResultRejected {
            run_id,
            task_id,
            epoch,
            reason,
        } => {
            vec![attempt(
                run_id,
                task_id,
                *epoch,
                "rejected",
                Some(reason),
                at,
            )]
        }
        E::AttemptSucceeded {
            run_id,
            task_id,
            epoch,
            outcome,
            collected,
        } => {
            let mut columns = vec![
                (
                    "state",
                    set(if collected.is_some() {
                        "merging"
                    } else {
                        "done"
                    }),
                ),
                ("note", set(outcome.note.clone())),
                ("provenance", set(outcome.provenance.clone())),
            ];
            if collected.is_none() {
                columns.push(("finished_at", when(at)));
            }
            vec![
                task(run_id, task_id, columns),
                attempt(run_id, task_id, *epoch, "succeeded", None, at),
            ]
        }
        E::MergeConflicted {
            run_id,
            task_id,
            reason,
            ..
        } => {
            vec![task(
                run_id,
                task_id,
                vec![("state", set("pending")), ("reason", set(reason.as_str()))],
            )]
        }
        E::MergeIntended { .. } | E::MergeDropped { .. } => Vec::new(),
        E::Landed {
            run_id,
            task_id,
            landing,
            ..
        } => {
            let empty = landing.commit.is_none() || landing.commit == landing.old_head;
            let merge = i64::from(landing.merge);
            vec![
                task(
                    run_id,
                    task_id,
                    vec![
                        ("state", set("done")),
                        (
                            "commit_id",
                            set(landing
                                .commit
                                .as_ref()
                                .map(|commit| commit.as_str().to_owned())),
                        ),
                        ("finished_at", when(at)),
                    ],
                ),
                upsert(
                    &RUNS,
                    run_id,
                    vec![
                        ("landed", Assign::Add(i64::from(!empty))),
                        ("merges", Assign::Add(merge)),
                        ("merges_automatic", Assign::Add(merge)),
                    ],
                ),
            ]
        }
        E::GateReached {
            run_id, task_id, ..
        } => {
            vec![task(run_id, task_id, vec![("state", set("waiting"))])]
        }
        E::GatePassed { run_id, task_id } => {
            vec![task(run_id, task_id, vec![("state", set("done"))])]
        }
        E::GateAsked {
            run_id,
            task_id,
            comment,
        } => {
            vec![task(
                run_id,
                task_id,
                vec![
                    ("state", set("pending")),
                    ("reason", set(format!("asked: {comment}"))),
                ],
            )]
        }
        E::TasksSkipped { run_id, tasks } => tasks
            .iter()
            .map(|(task_id, reason)| {
                task(
                    run_id,
                    task_id,
                    vec![
                        ("state", set("skipped")),
                        ("reason", set(reason.as_str())),
                        ("finished_at", when(at)),
                    ],
                )
            })
            .collect(),
        E::Verified { run_id, checks, .. } => checks
            .iter()
            .enumerate()
            .map(|(place, check)| {
                upsert(
                    &CHECKS,
                    &format!("{run_id}/{}", check.check.as_str()),
                    vec![
                        ("run_id", set(run_id.as_str())),
                        ("check_name", set(check.check.as_str())),
                        ("result", set(check.result.as_str())),
                        ("detail", set(check.detail.as_str())),
                        (
                            "log",
                            set(check.log.as_ref().map(|log| log.as_str().to_owned())),
                        ),
                        (
                            "took_ms",
                            set(u64::try_from(check.took.as_millis()).unwrap_or(u64::MAX)),
                        ),
                        ("place", set(place as u64)),
                    ],
                )
            })
            .collect(),
        E::StoriesSettled { run_id, stories } => {
            let built = stories
                .iter()
                .filter(|story| !matches!(story.state, StoryState::NotBuilt { .. }))
                .count();
            let count = |number: usize| Assign::Add(i64::try_from(number).unwrap_or(i64::MAX));
            let mut changes = vec![upsert(
                &RUNS,
                run_id,
                vec![
                    ("stories_built", count(built)),
                    ("stories_total", count(stories.len())),
                ],
            )];
            changes.extend(stories.iter().map(|story| {
                let (state, why) = match &story.state {
                    StoryState::ByRule => ("by_rule", None),
                    StoryState::ByAgent => ("by_agent", None),
                    StoryState::NotBuilt { why } => ("not_built", Some(why.clone())),
                };
                upsert(
                    &STORIES,
                    &format!("{run_id}/{}", story.story),
                    vec![
                        ("run_id", set(run_id.as_str())),
                        ("story", set(story.story.as_str())),
                        ("text", set(story.text.as_str())),
                        ("state", set(state)),
                        ("why", set(why)),
                    ],
                )
            }));
            changes
        }
        E::RunFinished {
            run_id,
            end,
            reason,
        } => vec![upsert(
            &RUNS,
            run_id,
            vec![
                ("state", set(end.as_str())),
                ("reason", set(reason.clone())),
                ("finished_at", when(at)),
            ],
        )],
    }
}

fn added(run_id: &RunId, spec: &TaskSpec, place: usize, at: Timestamp) -> Change {
    // `place` only orders tasks that were added together; `started_at` of the row is set when it starts.
    task(
        run_id,
        &spec.id,
        vec![
            ("run_id", set(run_id.as_str())),
            ("task_id", set(spec.id.as_str())),
            ("title", set(spec.title.as_str())),
            ("phase", set(spec.work.phase().as_str())),
            ("state", set("pending")),
            ("needs", set(json!(spec.needs).to_string())),
            ("claims", set(json!(spec.claims).to_string())),
            ("gate", set(spec.gate.clone())),
            ("epoch", set(0_u64)),
            ("failures", set(0_u64)),
            (
                "age",
                set(at.0.unsigned_abs().saturating_mul(1000) + place as u64),
            ),
        ],
    )
}
