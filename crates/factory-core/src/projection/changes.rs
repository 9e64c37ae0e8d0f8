//! What each event changes in the tables.

use serde_json::json;

use super::cell::Cell;
use super::state::{AttemptState, GateState, ProductState, RunState};
use super::table::{Assign, Change, Table};
use super::tables::{
    ALLOCATIONS, ATTEMPTS, CHECKS, GATES, PRODUCTS, RUNS, STARTUPS, STORIES, TASKS,
};
use crate::clock::Timestamp;
use crate::event::{Event, Recorded};
use crate::id::{Epoch, RunId, Slug, TaskId};
use crate::portfolio::{self, Product};
use crate::run::{
    CheckResult, Event as OfRun, Outcome, Plan, RunEvent, SkippedTask, StoryResult, Subject,
    TaskEvent, TaskSpec, TaskState,
};

/// Raised whenever the logic of [`changes`] changes, so that stores derive their tables anew.
pub const REVISION: u32 = 3;

/// What a recorded event changes, in order.
pub fn changes(recorded: &Recorded) -> Vec<Change> {
    match &recorded.event {
        Event::Portfolio(event) => of_portfolio(event, recorded.at),
        Event::Run(RunEvent { run_id, event }) => of_run(run_id, event, recorded.at),
    }
}

fn set(cell: impl Into<Cell>) -> Assign {
    Assign::Set(cell.into())
}

/// A word of an enum, or a name.
#[expect(
    clippy::needless_pass_by_value,
    reason = "words are copied, names are handed in as references"
)]
fn word(word: impl ToString) -> Assign {
    set(word.to_string())
}

fn when(at: Timestamp) -> Assign {
    word(at)
}

fn upsert(
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
                ("state", word(portfolio::State::Queued)),
                ("brief", set(plan.brief.as_str())),
                ("template", set(plan.template.as_str())),
                ("created_at", when(at)),
            ],
        )],
        E::StartupRequeued { slug, plan, .. } => vec![upsert(
            &STARTUPS,
            slug,
            vec![
                ("state", word(portfolio::State::Queued)),
                ("brief", set(plan.brief.as_str())),
                ("template", set(plan.template.as_str())),
                ("waits_for", Assign::Set(Cell::Null)),
            ],
        )],
        E::AllocationGranted { slug, allocation } => {
            let (held, budget) = (allocation.resources, allocation.budget);
            vec![
                upsert(
                    &STARTUPS,
                    slug,
                    vec![("waits_for", Assign::Set(Cell::Null))],
                ),
                upsert(
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
                ),
            ]
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
        E::ProductStarted { slug, product } => vec![product_started(slug, product, at)],
        E::ProductStopped { slug, reason } => vec![upsert(
            &PRODUCTS,
            slug,
            vec![
                ("state", word(ProductState::Stopped)),
                ("stopped_at", when(at)),
                ("reason", set(reason.as_str())),
            ],
        )],
        E::RunBegun { slug, run_id } => vec![upsert(
            &STARTUPS,
            slug,
            vec![
                ("state", word(portfolio::State::Building)),
                ("waits_for", Assign::Set(Cell::Null)),
                ("run_id", set(run_id.as_str())),
                ("ended_at", Assign::Set(Cell::Null)),
            ],
        )],
        E::RunEnded { slug, state } => {
            vec![upsert(
                &STARTUPS,
                slug,
                vec![("state", word(state)), ("ended_at", when(at))],
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
                ("state", word(GateState::Open)),
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
            vec![upsert(
                &GATES,
                gate_id,
                vec![("state", word(GateState::Closed))],
            )]
        }
        E::GateDecided {
            gate_id, decision, ..
        } => vec![upsert(
            &GATES,
            gate_id,
            vec![
                ("state", word(GateState::Decided)),
                ("verdict", word(decision.verdict)),
                ("decided_by", set(decision.by.as_str())),
                ("comment", set(decision.comment.clone())),
                ("decided_at", when(at)),
            ],
        )],
    }
}

fn product_started(slug: &Slug, product: &Product, at: Timestamp) -> Change {
    upsert(
        &PRODUCTS,
        slug,
        vec![
            ("state", word(ProductState::Running)),
            ("pid", set(u64::from(product.process.pid))),
            ("url", set(product.url.clone())),
            ("ports", word(json!(product.ports))),
            ("log", set(product.log.as_str())),
            ("started_at", when(at)),
            ("stopped_at", Assign::Set(Cell::Null)),
            ("reason", Assign::Set(Cell::Null)),
        ],
    )
}

fn of_run(run_id: &RunId, event: &OfRun, at: Timestamp) -> Vec<Change> {
    match event {
        OfRun::Started { subject, plan } => vec![started(run_id, subject, plan, at)],
        OfRun::TasksAdded { first, tasks } => {
            let count = i64::try_from(tasks.len()).unwrap_or(i64::MAX);
            let mut changes = vec![upsert(&RUNS, run_id, vec![("tasks", Assign::Add(count))])];
            changes.extend(
                (*first..)
                    .zip(tasks)
                    .map(|(place, spec)| added(run_id, spec, place)),
            );
            changes
        }
        OfRun::Task { task_id, event } => of_task(run_id, task_id, event, at),
        OfRun::TasksSkipped { tasks } => tasks
            .iter()
            .flat_map(|skipped| of_skipped(run_id, skipped, at))
            .collect(),
        OfRun::Verified { checks, .. } => (0_u64..)
            .zip(checks)
            .map(|(place, check)| checked(run_id, place, check))
            .collect(),
        OfRun::StoriesSettled {
            stories,
            built_count,
            settled_count,
        } => {
            let counts = vec![
                ("stories_built", set(*built_count)),
                ("stories_total", set(*settled_count)),
            ];
            let mut changes = vec![upsert(&RUNS, run_id, counts)];
            changes.extend(stories.iter().map(|story| settled(run_id, story)));
            changes
        }
        OfRun::Finished { end, reason } => vec![upsert(
            &RUNS,
            run_id,
            vec![
                ("state", word(RunState::from(*end))),
                ("reason", set(reason.clone())),
                ("finished_at", when(at)),
            ],
        )],
    }
}

fn started(run_id: &RunId, subject: &Subject, plan: &Plan, at: Timestamp) -> Change {
    upsert(
        &RUNS,
        run_id,
        vec![
            ("slug", word(subject.name())),
            ("playbook", set(plan.playbook.as_str())),
            ("branch", set(plan.target.branch.as_str())),
            ("state", word(RunState::Running)),
            ("started_at", when(at)),
        ],
    )
}

fn added(run_id: &RunId, spec: &TaskSpec, place: u64) -> Change {
    let gate = spec.gate.as_ref().map(|gate| gate.name.clone());
    task(
        run_id,
        &spec.id,
        vec![
            ("run_id", word(run_id)),
            ("task_id", word(&spec.id)),
            ("title", set(spec.title.as_str())),
            ("phase", set(spec.phase.as_str())),
            ("state", word(TaskState::Pending)),
            ("needs", word(json!(spec.needs))),
            ("claims", word(json!(spec.claims))),
            ("gate", set(gate)),
            ("epoch", set(0_u64)),
            ("failures", set(0_u64)),
            ("place", set(place)),
        ],
    )
}

#[expect(
    clippy::too_many_lines,
    reason = "one flat match reads better than scattered ones"
)]
fn of_task(run_id: &RunId, task_id: &TaskId, event: &TaskEvent, at: Timestamp) -> Vec<Change> {
    let task = |columns| task(run_id, task_id, columns);
    let state = |state: TaskState| ("state", word(state));
    let ended = |epoch, state: AttemptState, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        attempt(
            run_id,
            task_id,
            epoch,
            vec![
                ("state", word(state)),
                ("reason", set(reason)),
                ("finished_at", when(at)),
            ],
        )
    };
    match event {
        TaskEvent::AttemptStarted { epoch, base, .. } => {
            let base = base.as_ref().map(ToString::to_string);
            vec![
                task(vec![
                    state(TaskState::Running),
                    ("reason", Assign::Set(Cell::Null)),
                    ("epoch", set(epoch.0)),
                    ("base", set(base)),
                    ("started_at", when(at)),
                ]),
                attempt(
                    run_id,
                    task_id,
                    *epoch,
                    vec![
                        ("run_id", word(run_id)),
                        ("task_id", word(task_id)),
                        ("epoch", set(epoch.0)),
                        ("state", word(AttemptState::Running)),
                        ("started_at", when(at)),
                    ],
                ),
            ]
        }
        TaskEvent::AttemptFailed {
            epoch,
            reason,
            retry_at,
        } => {
            let mut columns = vec![
                ("reason", set(reason.as_str())),
                ("failures", Assign::Add(1)),
            ];
            if retry_at.is_some() {
                columns.push(state(TaskState::Pending));
            } else {
                columns.extend([state(TaskState::Failed), ("finished_at", when(at))]);
            }
            vec![
                task(columns),
                ended(*epoch, AttemptState::Failed, Some(reason)),
            ]
        }
        TaskEvent::AttemptLost { epoch, reason } => vec![
            task(vec![
                state(TaskState::Pending),
                ("reason", set(reason.as_str())),
            ]),
            ended(*epoch, AttemptState::Lost, Some(reason)),
        ],
        TaskEvent::ResultRejected { epoch, reason } => {
            vec![ended(*epoch, AttemptState::Rejected, Some(reason))]
        }
        TaskEvent::AttemptSucceeded {
            epoch,
            outcome,
            collected,
        } => {
            let mut columns = yielded(outcome);
            if collected.is_some() {
                columns.push(state(TaskState::Merging));
            } else {
                columns.extend([state(TaskState::Done), ("finished_at", when(at))]);
            }
            vec![task(columns), ended(*epoch, AttemptState::Succeeded, None)]
        }
        TaskEvent::ChangeParked {
            epoch,
            outcome,
            reason,
            ..
        } => {
            let mut columns = yielded(outcome);
            columns.extend([state(TaskState::Parked), ("reason", set(reason.as_str()))]);
            vec![task(columns), ended(*epoch, AttemptState::Succeeded, None)]
        }
        TaskEvent::ChangeAdmitted { .. } => vec![task(vec![
            state(TaskState::Merging),
            ("reason", Assign::Set(Cell::Null)),
        ])],
        TaskEvent::MergeConflicted { reason, .. } => vec![task(vec![
            state(TaskState::Pending),
            ("reason", set(reason.as_str())),
        ])],
        TaskEvent::ClaimsExtended { .. }
        | TaskEvent::MergeIntended { .. }
        | TaskEvent::MergeDropped { .. } => Vec::new(),
        TaskEvent::Landed { landing, .. } => {
            let commit = landing.commit.as_ref().map(ToString::to_string);
            let empty = landing.commit.is_none() || landing.commit == landing.old_head;
            let merge = i64::from(landing.merge);
            vec![
                task(vec![
                    state(TaskState::Done),
                    ("commit_id", set(commit)),
                    ("finished_at", when(at)),
                ]),
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
        TaskEvent::GateReached { .. } => vec![task(vec![state(TaskState::Waiting)])],
        TaskEvent::GatePassed => vec![task(vec![state(TaskState::Done)])],
        TaskEvent::GateAsked { comment } => vec![task(vec![
            state(TaskState::Pending),
            ("reason", set(format!("asked: {comment}"))),
            ("finished_at", Assign::Set(Cell::Null)),
        ])],
    }
}

fn yielded(outcome: &Outcome) -> Vec<(&'static str, Assign)> {
    let author = outcome.author.map(|author| author.to_string());
    vec![("note", set(outcome.note.clone())), ("author", set(author))]
}

fn of_skipped(run_id: &RunId, skipped: &SkippedTask, at: Timestamp) -> Vec<Change> {
    let SkippedTask {
        task_id,
        reason,
        cancelled,
    } = skipped;
    let over = |state: Assign| {
        vec![
            ("state", state),
            ("reason", set(reason.as_str())),
            ("finished_at", when(at)),
        ]
    };
    let mut changes = vec![task(run_id, task_id, over(word(TaskState::Skipped)))];
    let cancelled = cancelled.as_ref();
    changes.extend(cancelled.map(|epoch| {
        let columns = over(word(AttemptState::Cancelled));
        attempt(run_id, task_id, *epoch, columns)
    }));
    changes
}

fn checked(run_id: &RunId, place: u64, check: &CheckResult) -> Change {
    let log = check.log.as_ref().map(ToString::to_string);
    upsert(
        &CHECKS,
        &format!("{run_id}/{}", check.check),
        vec![
            ("run_id", word(run_id)),
            ("check_name", word(&check.check)),
            ("result", word(check.result)),
            ("detail", set(check.detail.as_str())),
            ("log", set(log)),
            ("took_ms", set(check.took_ms)),
            ("place", set(place)),
        ],
    )
}

fn settled(run_id: &RunId, story: &StoryResult) -> Change {
    upsert(
        &STORIES,
        &format!("{run_id}/{}", story.story.story_id),
        vec![
            ("run_id", word(run_id)),
            ("story_id", set(story.story.story_id.as_str())),
            ("text", set(story.story.text.as_str())),
            ("state", word(story.state)),
            ("why", set(story.why.clone())),
        ],
    )
}

fn task(run_id: &RunId, task_id: &TaskId, assign: Vec<(&'static str, Assign)>) -> Change {
    upsert(&TASKS, &format!("{run_id}/{task_id}"), assign)
}

fn attempt(
    run_id: &RunId,
    task_id: &TaskId,
    epoch: Epoch,
    assign: Vec<(&'static str, Assign)>,
) -> Change {
    upsert(&ATTEMPTS, &format!("{run_id}/{task_id}/{epoch}"), assign)
}
