//! One event of every kind, and short ways to make the few that most tests use.

use std::collections::BTreeSet;
use std::time::Duration;

use factory_core::claim::{Claim, Glob, Mode};
use factory_core::clock::Timestamp;
use factory_core::event::{Encoded, Event, Recorded};
use factory_core::id::{
    BlobId, Epoch, GateId, ObjectId, RunId, Seq, Slug, StreamId, TaskId, Version,
};
use factory_core::portfolio::{self, Allocation, BuildPlan, Decision, Gate, Product, Verdict};
use factory_core::process::ProcessIdentity;
use factory_core::resources::{Budget, Resources};
use factory_core::run::{
    self, ArtifactRef, Author, CheckName, CheckResult, CheckState, Collected, End, GatePolicy,
    GateSpec, Landing, OnConflict, Outcome, Payload, Plan, RunEvent, SkippedTask, StartPoint,
    StoryRef, StoryResult, StoryState, Subject, Target, TaskEvent, TaskSpec, Weight,
};
use serde_json::{Value, json};

/// The time that tests append at.
pub(crate) const AT: Timestamp = Timestamp(1_780_000_000_123);

/// An event that changes no table.
pub(crate) fn note(text: &str) -> Event {
    let landing = Landing {
        rungs: vec![text.to_owned()],
        ..landing()
    };
    let epoch = Epoch(1);
    of_task("a", TaskEvent::MergeIntended { epoch, landing })
}

/// A startup is taken in.
pub(crate) fn created(slug: &str) -> Event {
    Event::Portfolio(portfolio::Event::StartupCreated {
        slug: Slug::parse(slug).unwrap(),
        name: slug.to_uppercase(),
        resources: resources(),
        budget: budget(),
        plan: build_plan(),
    })
}

/// A startup is given its resources.
pub(crate) fn granted(slug: &str) -> Event {
    let allocation = Allocation {
        resources: resources(),
        budget: budget(),
        ports: vec![5_000, 5_001],
        database: slug.replace('-', "_"),
    };
    Event::Portfolio(portfolio::Event::AllocationGranted {
        slug: Slug::parse(slug).unwrap(),
        allocation,
    })
}

/// A startup gives its resources back.
pub(crate) fn released(slug: &str) -> Event {
    Event::Portfolio(portfolio::Event::AllocationReleased {
        slug: Slug::parse(slug).unwrap(),
    })
}

/// A run begins.
pub(crate) fn started(run_id: &RunId) -> Event {
    let subject = Subject::Startup {
        slug: run_id.slug(),
    };
    of_run(
        run_id,
        run::Event::Started {
            subject,
            plan: plan(),
        },
    )
}

/// Tasks are added to a run.
pub(crate) fn added(run_id: &RunId, tasks: &[&str]) -> Event {
    let tasks = tasks.iter().map(|task| spec(task)).collect();
    of_run(run_id, run::Event::TasksAdded { first: 0, tasks })
}

/// An attempt of a task begins.
pub(crate) fn attempted(run_id: &RunId, task: &str, epoch: u64) -> Event {
    let started = TaskEvent::AttemptStarted {
        epoch: Epoch(epoch),
        base: None,
        lease_until: AT.plus(Duration::from_mins(1)),
        claims: vec![Claim::everything()],
    };
    let task_id = TaskId::parse(task).unwrap();
    of_run(run_id, run::Event::task(task_id, started))
}

fn of_run(run_id: &RunId, event: run::Event) -> Event {
    let run_id = run_id.clone();
    Event::Run(RunEvent { run_id, event })
}

/// An event of a task of the run `ledgerly.1`.
fn of_task(task: &str, event: TaskEvent) -> Event {
    let task_id = TaskId::parse(task).unwrap();
    of_run(
        &Slug::from_static("ledgerly").run(1),
        run::Event::task(task_id, event),
    )
}

/// One event of every kind.
pub(crate) fn every_kind() -> Vec<Event> {
    let mut events = vec![
        created("ledgerly"),
        granted("ledgerly"),
        released("ledgerly"),
    ];
    events.extend(of_portfolio().into_iter().map(Event::Portfolio));
    let run_id = Slug::from_static("ledgerly").run(1);
    events.extend(of_runs().into_iter().map(|event| of_run(&run_id, event)));
    events
}

fn of_portfolio() -> Vec<portfolio::Event> {
    use portfolio::Event as E;

    let slug = Slug::from_static("ledgerly");
    let run_id = slug.run(1);
    let gate_id = GateId::of(&run_id, "niche_validation");
    let gate = Gate {
        name: "niche_validation".to_owned(),
        phase: "market_research".to_owned(),
        round: 1,
        question: "Go on?".to_owned(),
        artifacts: vec![artifact("market_research.md")],
        decision: None,
    };
    let decision = Decision {
        verdict: Verdict::Ask,
        by: "founder".to_owned(),
        comment: Some("Who pays? „Ümläute“ \u{1F680} and \"quotes\"".to_owned()),
    };
    vec![
        E::AllocationQueued {
            slug: slug.clone(),
            why: "memory".to_owned(),
        },
        E::StartupRequeued {
            slug: slug.clone(),
            resources: resources(),
            budget: budget(),
            plan: build_plan(),
        },
        E::ProductStarted {
            slug: slug.clone(),
            product: product(),
        },
        E::ProductStopped {
            slug: slug.clone(),
            reason: "its process ended".to_owned(),
        },
        E::RunBegun {
            slug: slug.clone(),
            run_id,
        },
        E::RunEnded {
            slug,
            state: portfolio::State::Verified,
        },
        E::GateOpened {
            gate_id: gate_id.clone(),
            gate,
        },
        E::GateClosed {
            gate_id: gate_id.clone(),
        },
        E::GateDecided {
            gate_id,
            round: 1,
            decision,
        },
    ]
}

fn of_runs() -> Vec<run::Event> {
    use run::Event as E;

    let slug = Slug::from_static("ledgerly");
    let task_id = || TaskId::from_static("entity:Invoice");
    let mut events = vec![
        E::Started {
            subject: Subject::Startup { slug },
            plan: plan(),
        },
        E::TasksAdded {
            first: 0,
            tasks: vec![spec("plan"), spec("scaffold"), spec("entity:Invoice")],
        },
    ];
    events.extend(
        of_tasks()
            .into_iter()
            .map(|event| E::task(task_id(), event)),
    );
    events.extend([
        E::TasksSkipped {
            tasks: vec![SkippedTask {
                task_id: TaskId::from_static("scaffold"),
                reason: "needs `plan`, which failed".to_owned(),
                cancelled: Some(Epoch(1)),
            }],
        },
        E::Verified {
            commit: Some(object("c")),
            checks: vec![check()],
        },
        E::StoriesSettled {
            stories: vec![story()],
            built_count: 0,
            settled_count: 1,
        },
        E::Finished {
            end: End::Unverified,
            reason: Some("lint failed: 2 faults".to_owned()),
        },
    ]);
    events
}

fn of_tasks() -> Vec<TaskEvent> {
    use TaskEvent as E;

    let (epoch, reason) = (Epoch(2), || "a reason".to_owned());
    let claim = Claim::new(Mode::Write, Glob::parse("invoices/**").unwrap());
    vec![
        E::AttemptStarted {
            epoch,
            base: Some(object("b")),
            lease_until: AT,
            claims: vec![claim.clone()],
        },
        E::ClaimsExtended {
            epoch,
            claims: vec![claim],
        },
        E::AttemptFailed {
            epoch,
            reason: reason(),
            retry_at: Some(AT),
        },
        E::AttemptLost {
            epoch,
            reason: reason(),
        },
        E::ResultRejected {
            epoch,
            reason: reason(),
        },
        E::AttemptSucceeded {
            epoch,
            outcome: outcome(),
            collected: Some(Collected {
                base: None,
                tree: object("7"),
                paths: vec!["a/b.py".to_owned()],
            }),
        },
        E::MergeConflicted {
            epoch,
            reason: reason(),
        },
        E::MergeIntended {
            epoch,
            landing: landing(),
        },
        E::MergeDropped { epoch },
        E::Landed {
            epoch,
            landing: landing(),
        },
        E::GateReached { round: 1 },
        E::GatePassed,
        E::GateAsked { comment: reason() },
    ]
}

/// The name of an event's kind. A new kind does not compile here until it has a name, and
/// [`every_kind_is_in_the_catalogue`] fails until it has an event.
fn kind(event: &Event) -> &'static str {
    use TaskEvent as T;
    use portfolio::Event as P;
    use run::Event as R;

    match event {
        Event::Portfolio(event) => match event {
            P::StartupCreated { .. } => "portfolio.startup_created",
            P::StartupRequeued { .. } => "portfolio.startup_requeued",
            P::AllocationGranted { .. } => "portfolio.allocation_granted",
            P::AllocationQueued { .. } => "portfolio.allocation_queued",
            P::AllocationReleased { .. } => "portfolio.allocation_released",
            P::ProductStarted { .. } => "portfolio.product_started",
            P::ProductStopped { .. } => "portfolio.product_stopped",
            P::RunBegun { .. } => "portfolio.run_begun",
            P::RunEnded { .. } => "portfolio.run_ended",
            P::GateOpened { .. } => "portfolio.gate_opened",
            P::GateClosed { .. } => "portfolio.gate_closed",
            P::GateDecided { .. } => "portfolio.gate_decided",
        },
        Event::Run(RunEvent { event, .. }) => match event {
            R::Started { .. } => "run.started",
            R::TasksAdded { .. } => "run.tasks_added",
            R::Task { event, .. } => match event {
                T::AttemptStarted { .. } => "run.attempt_started",
                T::ClaimsExtended { .. } => "run.claims_extended",
                T::AttemptFailed { .. } => "run.attempt_failed",
                T::AttemptLost { .. } => "run.attempt_lost",
                T::ResultRejected { .. } => "run.result_rejected",
                T::AttemptSucceeded { .. } => "run.attempt_succeeded",
                T::MergeConflicted { .. } => "run.merge_conflicted",
                T::MergeIntended { .. } => "run.merge_intended",
                T::MergeDropped { .. } => "run.merge_dropped",
                T::Landed { .. } => "run.landed",
                T::GateReached { .. } => "run.gate_reached",
                T::GatePassed => "run.gate_passed",
                T::GateAsked { .. } => "run.gate_asked",
            },
            R::TasksSkipped { .. } => "run.tasks_skipped",
            R::Verified { .. } => "run.verified",
            R::StoriesSettled { .. } => "run.stories_settled",
            R::Finished { .. } => "run.finished",
        },
    }
}

/// Number of kinds in [`kind`].
const KINDS: usize = 31;

#[test]
fn every_kind_is_in_the_catalogue() {
    let kinds: BTreeSet<&str> = every_kind().iter().map(kind).collect();
    assert_eq!(kinds.len(), KINDS, "{kinds:?}");
}

#[test]
fn every_kind_survives_encoding() {
    for event in every_kind() {
        let encoded = event.encode();
        assert_eq!(encoded.kind, kind(&event));
        assert_eq!(Event::decode(encoded).unwrap(), event);
    }
}

#[test]
fn every_kind_is_named_by_its_room_and_a_word_in_snake_case() {
    for event in every_kind() {
        let Encoded { kind, body, .. } = event.encode();
        let (aggregate, name) = kind.split_once('.').unwrap();
        assert!(["portfolio", "run"].contains(&aggregate), "{kind}");
        let plain = |char: char| char.is_ascii_lowercase() || char == '_';
        let snake = name.chars().all(plain) && name.split('_').all(|word| !word.is_empty());
        assert!(snake, "{kind}");
        assert_eq!(body.get("type"), None, "{kind} says its type once");
    }
}

/// The form that `--json`, the server and the stores share.
#[test]
fn every_recorded_event_has_the_same_seven_keys_and_reads_back() {
    for (event, place) in every_kind().into_iter().zip(1..) {
        let stream = match &event {
            Event::Portfolio(_) => StreamId::portfolio(),
            Event::Run(_) => StreamId::repo(&Slug::from_static("ledgerly")),
        };
        let recorded = Recorded {
            seq: Seq(place + 100),
            stream,
            version: Version(place),
            at: AT,
            event,
        };
        let wire = serde_json::to_value(&recorded).unwrap();
        let keys: Vec<&str> = wire
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let expected = [
            "at",
            "data",
            "schema_version",
            "seq",
            "stream",
            "type",
            "version",
        ];
        let keys: BTreeSet<&str> = keys.into_iter().collect();
        assert_eq!(keys, BTreeSet::from(expected));
        let encoded = recorded.event.encode();
        let by_hand = json!({
            "seq": place + 100,
            "stream": recorded.stream.as_str(),
            "version": place,
            "at": "2026-05-28T20:26:40.123Z",
            "type": kind(&recorded.event),
            "schema_version": factory_core::event::SCHEMA_VERSION,
            "data": encoded.body,
        });
        assert_eq!(wire, by_hand);
        let text = wire.to_string();
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), recorded);
        for key in expected {
            let mut without: Value = wire.clone();
            without.as_object_mut().unwrap().remove(key);
            assert!(
                serde_json::from_value::<Recorded>(without).is_err(),
                "{key}"
            );
        }
    }
}

fn product() -> Product {
    Product {
        process: ProcessIdentity {
            pid: 4_321,
            start_time: 99,
            boot_id: "b".to_owned(),
        },
        ports: [("web".to_owned(), 5_000)].into(),
        url: Some("http://127.0.0.1:5000".to_owned()),
        log: "/p/.factory/logs/ledgerly/product.log".to_owned(),
    }
}

fn resources() -> Resources {
    Resources {
        memory_mib: 512,
        cpu_millicores: 250,
        disk_mib: 1_024,
        port_count: 2,
    }
}

fn budget() -> Budget {
    Budget {
        total_nano_usd: None,
        per_day_nano_usd: 5_000_000_000,
        calls_per_hour: 60,
    }
}

fn build_plan() -> BuildPlan {
    BuildPlan {
        brief: BlobId::of(BRIEF),
        blueprint: Some(BlobId::of(BLUEPRINT)),
        template: "django".to_owned(),
        playbook: "mvp@1".to_owned(),
        gates: GatePolicy::Person,
        attempts_max: 3,
    }
}

/// The blobs that the events name.
pub(crate) const BLOBS: [&[u8]; 4] = [BRIEF, BLUEPRINT, DOCUMENT, LOG];

const BRIEF: &[u8] = b"{\"idea\": \"invoices\"}";
const BLUEPRINT: &[u8] = b"{\"entities\": [\"Invoice\"]}";
const DOCUMENT: &[u8] = b"# Market research\n";
const LOG: &[u8] = b"2 faults\n";

pub(crate) fn plan() -> Plan {
    Plan {
        playbook: "mvp@1".to_owned(),
        target: Target {
            branch: "main".to_owned(),
            start: StartPoint::Branch {
                branch: "trunk".to_owned(),
            },
        },
        gates: GatePolicy::Approve {
            policy: "demo".to_owned(),
        },
        input: Payload::of(&json!({"template": "django", "port": 8000})).unwrap(),
    }
}

pub(crate) fn spec(task: &str) -> TaskSpec {
    let needs: &[&str] = if task == "plan" { &[] } else { &["plan"] };
    TaskSpec {
        needs: needs.iter().map(|need| TaskId::from_static(need)).collect(),
        claims: vec![Claim::everything()],
        lands: true,
        needs_area: true,
        on_conflict: OnConflict::Redo,
        weight: Weight::Heavy,
        checks: vec![CheckName::new("lint")],
        gate: Some(GateSpec {
            name: "niche_validation".to_owned(),
            question: "Go on?".to_owned(),
        }),
        story: Some(story_ref()),
        attempts_max: 3,
        ..TaskSpec::new(
            TaskId::parse(task).unwrap(),
            format!("Do {task}"),
            "market_research",
            Payload::of(&json!({"think": task})).unwrap(),
        )
    }
}

fn artifact(file: &str) -> ArtifactRef {
    ArtifactRef {
        file: file.to_owned(),
        blob: BlobId::of(DOCUMENT),
    }
}

pub(crate) fn outcome() -> Outcome {
    Outcome {
        artifacts: vec![artifact("a.md")],
        checks: vec![check()],
        stories: vec![story()],
        note: Some("wrote a model".to_owned()),
        author: Some(Author::Rules),
    }
}

pub(crate) fn landing() -> Landing {
    Landing {
        old_head: None,
        commit: Some(object("c")),
        merge: true,
        rungs: vec!["union".to_owned()],
    }
}

fn check() -> CheckResult {
    CheckResult {
        check: CheckName::new("lint"),
        result: CheckState::Failed,
        detail: "2 faults".to_owned(),
        log: Some(BlobId::of(LOG)),
        took_ms: 1_500,
    }
}

fn story_ref() -> StoryRef {
    StoryRef {
        story_id: "S1".to_owned(),
        text: "As a founder".to_owned(),
    }
}

fn story() -> StoryResult {
    StoryResult {
        story: story_ref(),
        state: StoryState::NotBuilt,
        why: Some("no slice".to_owned()),
    }
}

fn object(digit: &str) -> ObjectId {
    ObjectId::parse(digit.repeat(40)).unwrap()
}
