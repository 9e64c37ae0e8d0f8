//! One event of every kind, and short ways to make the few that most tests use.

use std::collections::BTreeSet;
use std::time::Duration;

use factory_core::claim::Claim;
use factory_core::clock::Timestamp;
use factory_core::event::Event;
use factory_core::id::{BlobId, Epoch, GateId, ObjectId, RunId, Slug, TaskId};
use factory_core::portfolio::{self, Allocation, Decision, Gate, Product, Verdict};
use factory_core::process::ProcessIdentity;
use factory_core::resources::{Budget, Resources};
use factory_core::run::{
    self, CheckName, CheckResult, CheckState, Collected, End, GatePolicy, Landing, Outcome, Phase,
    Plan, StoryResult, StoryState, TaskSpec, Work,
};

/// The time that tests append at.
pub(crate) const AT: Timestamp = Timestamp(1_780_000_000_123);

/// An event that changes no table.
pub(crate) fn note(why: &str) -> Event {
    Event::Run(run::Event::MergeDropped {
        run_id: Slug::new("ledgerly").run(1),
        task_id: TaskId::new(why),
        epoch: Epoch(1),
    })
}

/// A startup is taken in.
pub(crate) fn created(slug: &str) -> Event {
    Event::Portfolio(portfolio::Event::StartupCreated {
        slug: Slug::new(slug),
        name: slug.to_uppercase(),
        resources: resources(),
        budget: budget(),
        plan: plan(),
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
        slug: Slug::new(slug),
        allocation,
    })
}

/// A startup gives its resources back.
pub(crate) fn released(slug: &str) -> Event {
    Event::Portfolio(portfolio::Event::AllocationReleased {
        slug: Slug::new(slug),
    })
}

/// A run begins.
pub(crate) fn started(run_id: &RunId) -> Event {
    Event::Run(run::Event::RunStarted {
        run_id: run_id.clone(),
        plan: plan(),
    })
}

/// Tasks are added to a run.
pub(crate) fn added(run_id: &RunId, tasks: &[&str]) -> Event {
    let tasks = tasks.iter().map(|task| spec(task)).collect();
    Event::Run(run::Event::TasksAdded {
        run_id: run_id.clone(),
        tasks,
    })
}

/// An attempt of a task begins.
pub(crate) fn attempted(run_id: &RunId, task: &str, epoch: u64) -> Event {
    Event::Run(run::Event::AttemptStarted {
        run_id: run_id.clone(),
        task_id: TaskId::new(task),
        epoch: Epoch(epoch),
        base: None,
        lease_until: AT.plus(Duration::from_mins(1)),
    })
}

/// One event of every kind.
pub(crate) fn every_kind() -> Vec<Event> {
    let mut events = vec![
        created("ledgerly"),
        granted("ledgerly"),
        released("ledgerly"),
    ];
    events.extend(of_portfolio().into_iter().map(Event::Portfolio));
    events.extend(of_run().into_iter().map(Event::Run));
    events
}

fn of_portfolio() -> Vec<portfolio::Event> {
    use portfolio::Event as E;

    let slug = Slug::new("ledgerly");
    let run_id = slug.run(1);
    let gate_id = GateId::of(&run_id, "niche_validation");
    let gate = Gate {
        name: "niche_validation".to_owned(),
        phase: "market_research".to_owned(),
        round: 1,
        question: "Go on?".to_owned(),
        artifacts: vec![("market_research.md".to_owned(), BlobId::of(b"md"))],
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
            plan: plan(),
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

fn of_run() -> Vec<run::Event> {
    use run::Event as E;

    let run_id = Slug::new("ledgerly").run(1);
    let started = E::RunStarted {
        run_id: run_id.clone(),
        plan: plan(),
    };
    let tasks = vec![spec("scaffold"), spec("entity:Invoice")];
    let added = E::TasksAdded {
        run_id: run_id.clone(),
        tasks,
    };
    let commit = Some(object("c"));
    let reason = Some("lint".to_owned());
    let mut events = vec![started, added];
    events.extend(of_attempts(&run_id));
    events.extend(of_merges(&run_id));
    events.extend(of_gates(&run_id));
    events.extend([
        E::Verified {
            run_id: run_id.clone(),
            commit,
            checks: vec![check()],
        },
        E::StoriesSettled {
            run_id: run_id.clone(),
            stories: vec![story()],
        },
        E::RunFinished {
            run_id,
            end: End::Unverified,
            reason,
        },
    ]);
    events
}

fn of_attempts(run_id: &RunId) -> Vec<run::Event> {
    use run::Event as E;

    let ids = || {
        (
            run_id.clone(),
            TaskId::new("entity:Invoice"),
            Epoch(2),
            "a reason".to_owned(),
        )
    };
    let collected = Collected {
        base: None,
        tree: object("7"),
        paths: vec!["a/b.py".to_owned()],
    };
    vec![
        {
            let (run_id, task_id, epoch, _) = ids();
            E::AttemptStarted {
                run_id,
                task_id,
                epoch,
                base: Some(object("b")),
                lease_until: AT,
            }
        },
        {
            let (run_id, task_id, epoch, reason) = ids();
            E::AttemptFailed {
                run_id,
                task_id,
                epoch,
                reason,
                retry_at: Some(AT),
            }
        },
        {
            let (run_id, task_id, epoch, reason) = ids();
            E::AttemptLost {
                run_id,
                task_id,
                epoch,
                reason,
            }
        },
        {
            let (run_id, task_id, epoch, reason) = ids();
            E::ResultRejected {
                run_id,
                task_id,
                epoch,
                reason,
            }
        },
        {
            let (run_id, task_id, epoch, _) = ids();
            let (outcome, collected) = (outcome(), Some(collected));
            E::AttemptSucceeded {
                run_id,
                task_id,
                epoch,
                outcome,
                collected,
            }
        },
    ]
}

fn of_merges(run_id: &RunId) -> Vec<run::Event> {
    use run::Event as E;

    let ids = || (run_id.clone(), TaskId::new("entity:Invoice"), Epoch(2));
    vec![
        {
            let (run_id, task_id, epoch) = ids();
            E::MergeConflicted {
                run_id,
                task_id,
                epoch,
                reason: "a reason".to_owned(),
            }
        },
        {
            let (run_id, task_id, epoch) = ids();
            E::MergeIntended {
                run_id,
                task_id,
                epoch,
                landing: landing(),
            }
        },
        {
            let (run_id, task_id, epoch) = ids();
            E::MergeDropped {
                run_id,
                task_id,
                epoch,
            }
        },
        {
            let (run_id, task_id, epoch) = ids();
            E::Landed {
                run_id,
                task_id,
                epoch,
                landing: landing(),
            }
        },
    ]
}

fn of_gates(run_id: &RunId) -> Vec<run::Event> {
    use run::Event as E;

    let ids = || {
        (
            run_id.clone(),
            TaskId::new("entity:Invoice"),
            "a reason".to_owned(),
        )
    };
    vec![
        {
            let (run_id, task_id, _) = ids();
            E::GateReached {
                run_id,
                task_id,
                round: 1,
            }
        },
        {
            let (run_id, task_id, _) = ids();
            E::GatePassed { run_id, task_id }
        },
        {
            let (run_id, task_id, comment) = ids();
            E::GateAsked {
                run_id,
                task_id,
                comment,
            }
        },
        {
            let (run_id, task_id, reason) = ids();
            E::TasksSkipped {
                run_id,
                tasks: vec![(task_id, reason)],
            }
        },
    ]
}

/// The name of an event's kind. A new kind does not compile here until it has a name, and
/// [`every_kind_is_in_the_catalogue`] fails until it has an event.
fn kind(event: &Event) -> &'static str {
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
        Event::Run(event) => match event {
            R::RunStarted { .. } => "run.run_started",
            R::TasksAdded { .. } => "run.tasks_added",
            R::AttemptStarted { .. } => "run.attempt_started",
            R::AttemptFailed { .. } => "run.attempt_failed",
            R::AttemptLost { .. } => "run.attempt_lost",
            R::ResultRejected { .. } => "run.result_rejected",
            R::AttemptSucceeded { .. } => "run.attempt_succeeded",
            R::MergeConflicted { .. } => "run.merge_conflicted",
            R::MergeIntended { .. } => "run.merge_intended",
            R::MergeDropped { .. } => "run.merge_dropped",
            R::Landed { .. } => "run.landed",
            R::GateReached { .. } => "run.gate_reached",
            R::GatePassed { .. } => "run.gate_passed",
            R::GateAsked { .. } => "run.gate_asked",
            R::TasksSkipped { .. } => "run.tasks_skipped",
            R::Verified { .. } => "run.verified",
            R::StoriesSettled { .. } => "run.stories_settled",
            R::RunFinished { .. } => "run.run_finished",
        },
    }
}

/// Number of kinds in [`kind`].
const KINDS: usize = 30;

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

fn plan() -> Plan {
    Plan {
        brief: BlobId::of(b"brief"),
        playbook: "mvp@1".to_owned(),
        template: "django".to_owned(),
        branch: "main".to_owned(),
        gates: GatePolicy::Approve {
            policy: "demo".to_owned(),
        },
        attempts_max: 3,
        blueprint: None,
    }
}

fn spec(task: &str) -> TaskSpec {
    TaskSpec {
        id: TaskId::new(task),
        title: format!("Do {task}"),
        work: Work::Think {
            phase: Phase::MarketResearch,
        },
        needs: vec![TaskId::new("plan")],
        claims: vec![Claim::everything()],
        gate: Some("niche_validation".to_owned()),
        story: Some(("S1".to_owned(), "a story".to_owned())),
        attempts_max: 3,
        timeout_s: 600,
    }
}

fn outcome() -> Outcome {
    Outcome {
        artifacts: vec![("a.md".to_owned(), BlobId::of(b"a"))],
        checks: vec![check()],
        stories: vec![story()],
        note: Some("wrote a model".to_owned()),
        provenance: Some("rules".to_owned()),
    }
}

fn landing() -> Landing {
    Landing {
        old_head: None,
        commit: Some(object("c")),
        merge: true,
        rungs: vec!["union".to_owned()],
    }
}

fn check() -> CheckResult {
    CheckResult {
        check: CheckName::Lint,
        result: CheckState::Failed,
        detail: "2 faults".to_owned(),
        log: Some(BlobId::of(b"log")),
        took: Duration::from_nanos(1_500_000_001),
    }
}

fn story() -> StoryResult {
    let state = StoryState::NotBuilt {
        why: "no slice".to_owned(),
    };
    StoryResult {
        story: "S1".to_owned(),
        text: "As a founder".to_owned(),
        state,
    }
}

fn object(digit: &str) -> ObjectId {
    ObjectId::new(digit.repeat(40))
}
