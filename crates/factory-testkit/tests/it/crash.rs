//! Crashes at every append: the run ends in the same place, with the same bytes.

use std::collections::BTreeMap;

use factory_app::error::AppError;
use factory_app::factory::Factory as _;
use factory_core::event::{Event, Recorded};
use factory_core::id::{Epoch, Seq, Slug, TaskId};
use factory_core::portfolio::State;
use factory_core::run::{self, RunEvent, TaskEvent};
use factory_engine::git::Listing;
use factory_store::Crash;
use factory_testkit::{TestFactory, fixture};

/// Submits and drives as `factory run` does; given again, it resumes.
async fn build(factory: &TestFactory) -> Result<(), AppError> {
    let local = factory.open().await?;
    local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await?;
    local.driver().drive(false).await
}

async fn events(factory: &TestFactory) -> Vec<Recorded> {
    factory
        .open()
        .await
        .unwrap()
        .events(Seq(0), 100_000)
        .await
        .unwrap()
}

/// The event of a task, if it is one.
fn of_task(recorded: &Recorded) -> Option<(&TaskId, &TaskEvent)> {
    match &recorded.event {
        Event::Run(RunEvent {
            event: run::Event::Task { task_id, event },
            ..
        }) => Some((task_id, event)),
        _ => None,
    }
}

/// What must hold of every log, however often its drivers died.
fn check_invariants(events: &[Recorded], context: &str) {
    let mut epochs: BTreeMap<TaskId, Epoch> = BTreeMap::new();
    let mut landed: BTreeMap<TaskId, u32> = BTreeMap::new();
    let mut done: BTreeMap<TaskId, u32> = BTreeMap::new();
    for (index, recorded) in events.iter().enumerate() {
        assert_eq!(
            recorded.seq,
            Seq(index as u64 + 1),
            "{context}: a gap in the log"
        );
        let Some((task_id, event)) = of_task(recorded) else {
            continue;
        };
        match event {
            TaskEvent::AttemptStarted { epoch, .. } => {
                let before = epochs.insert(task_id.clone(), *epoch).unwrap_or_default();
                assert!(
                    *epoch > before,
                    "{context}: epoch of {task_id} does not grow"
                );
            }
            TaskEvent::Landed { .. } => *landed.entry(task_id.clone()).or_default() += 1,
            TaskEvent::AttemptSucceeded {
                collected: None, ..
            } => {
                *done.entry(task_id.clone()).or_default() += 1;
            }
            _ => {}
        }
    }
    let twice: Vec<_> = landed
        .iter()
        .chain(&done)
        .filter(|(_, times)| **times != 1)
        .collect();
    assert!(
        twice.is_empty(),
        "{context}: done more than once: {twice:?}"
    );
    let ends = events.iter().filter(|recorded| match &recorded.event {
        Event::Run(event) => matches!(event.event, run::Event::Finished { .. }),
        Event::Portfolio(_) => false,
    });
    assert_eq!(ends.count(), 1, "{context}: the run ends once");
}

/// Whether the run was long enough to reach the point.
async fn crash_at(point: u64, crash: Crash, expected: &Listing) -> bool {
    let context = format!("crash at append {point}, {crash:?}");
    let slug = Slug::from_static("ledgerly");
    let mut factory = TestFactory::new();
    factory.store().fail_after(point, crash);
    let died = build(&factory).await;
    if died.is_ok() {
        return false;
    }
    factory = factory.after_crash();
    build(&factory)
        .await
        .unwrap_or_else(|error| panic!("{context}: {}", error.chain()));
    assert_eq!(factory.tree(&slug), *expected, "{context}: other bytes");
    let detail = factory.open().await.unwrap().startup(&slug).await.unwrap();
    assert_eq!(detail.startup.state, State::Verified, "{context}");
    check_invariants(&events(&factory).await, &context);
    let status = std::process::Command::new("git")
        .args(["status", "--porcelain"])
        .current_dir(factory.product(&slug))
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&status.stdout),
        "",
        "{context}: the checkout is behind"
    );
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_append_changes_nothing_in_the_end() {
    let undisturbed = TestFactory::new();
    build(&undisturbed).await.unwrap();
    let expected = undisturbed.tree(&Slug::from_static("ledgerly"));
    check_invariants(&events(&undisturbed).await, "undisturbed");
    let appends = undisturbed.store().append_count();
    assert!(appends > 30, "only {appends} appends");
    // How attempts interleave differs from run to run, and with it the number of appends: every point is tried
    // until a run ends before it is reached.
    for point in 0.. {
        let before = crash_at(point, Crash::Before, &expected).await;
        let after = crash_at(point, Crash::After, &expected).await;
        if !before && !after {
            assert!(
                point + 12 > appends,
                "a crash at append {point} of {appends} goes unnoticed"
            );
            break;
        }
    }
}

/// Negative control: a log in which a task landed twice is caught.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "done more than once")]
async fn a_task_that_landed_twice_is_caught() {
    let factory = TestFactory::new();
    build(&factory).await.unwrap();
    let mut log = events(&factory).await;
    let landed = log
        .iter()
        .position(|recorded| matches!(of_task(recorded), Some((_, TaskEvent::Landed { .. }))));
    let mut again = log[landed.unwrap()].clone();
    again.seq = Seq(log.len() as u64 + 1);
    log.push(again);
    check_invariants(&log, "control");
}
