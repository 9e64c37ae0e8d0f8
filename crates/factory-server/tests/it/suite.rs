//! The suite of the port: every function holds for whoever implements it, and both implementations tell the
//! same, refusals with kind, code, words and hint.

use factory_app::error::Code;
use factory_app::factory::{Factory as _, GateAnswer, Submission, SubmitOutcome};
use factory_core::id::{GateId, RunId, Seq, Slug, TaskId};
use factory_core::portfolio::{State, Verdict};
use factory_core::run::GatePolicy;
use factory_testkit::fixture;

use crate::doors::{Door, Doors, error_line, outcome};

/// Plays a scene through both doors, each on a factory of its own; they must tell the same.
macro_rules! same_through_both_doors {
    ($scene:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $scene() {
            let mut stories = Vec::new();
            for door in [Door::Local, Door::Remote] {
                let doors = Doors::open().await;
                let outcomes: Vec<String> = scenes::$scene(&doors, door).await;
                stories.push(
                    outcomes
                        .iter()
                        .map(|line| doors.plain(line))
                        .collect::<Vec<_>>(),
                );
            }
            assert!(!stories[0].is_empty(), "the scene tells something");
            assert_eq!(stories[0], stories[1]);
        }
    };
}

same_through_both_doors!(submissions_are_taken_once_and_refused_with_a_reason);
same_through_both_doors!(gates_are_answered_once_and_in_their_round);
same_through_both_doors!(runs_are_cancelled_once);
same_through_both_doors!(events_come_in_pages);
same_through_both_doors!(a_product_runs_once_and_holds_its_resources_until_it_is_stopped);
same_through_both_doors!(what_is_not_built_is_neither_started_nor_stopped);
same_through_both_doors!(whatever_is_not_there_is_said_so);

/// A startup whose gates wait for a person.
fn patient(slug: &str) -> Submission {
    Submission {
        gates: GatePolicy::Person,
        ..fixture::from_blueprint(slug)
    }
}

fn answer(verdict: Verdict, round: Option<u32>, comment: Option<&str>) -> GateAnswer {
    GateAnswer {
        verdict,
        round,
        by: "ada".to_owned(),
        comment: comment.map(str::to_owned),
    }
}

/// Scenes return what was outcomes, for comparison; what must hold by itself they assert.
mod scenes {
    use super::*;

    pub(super) async fn submissions_are_taken_once_and_refused_with_a_reason(
        doors: &Doors,
        door: Door,
    ) -> Vec<String> {
        let factory = doors.through(door);
        let one = || vec![fixture::from_blueprint("one")];
        let mut outcomes = Vec::new();
        let first = factory.submit(one()).await.unwrap();
        assert_eq!(first[0].outcome, SubmitOutcome::Created);
        let second = factory.submit(one()).await.unwrap();
        assert_eq!(second[0].outcome, SubmitOutcome::Resumed);
        // What has never begun may still be replaced; what has been built may not.
        doors.drive().await;
        let other = Submission {
            brief: fixture::from_brief("two").brief,
            blueprint: None,
            ..fixture::from_blueprint("one")
        };
        // All or none: the good one beside a bad one is not taken.
        let both = vec![fixture::from_blueprint("three"), other];
        let refused = factory.submit(both).await.unwrap_err();
        assert_eq!(refused.code, Code::StartupDiffers);
        outcomes.push(error_line(&refused));
        for wrong in [
            Submission {
                template: Some("nope".to_owned()),
                ..fixture::from_blueprint("four")
            },
            Submission {
                playbook: "nope".to_owned(),
                ..fixture::from_blueprint("four")
            },
            Submission {
                blueprint: Some("{".to_owned()),
                ..fixture::from_blueprint("four")
            },
            Submission {
                blueprint: Some("{}".to_owned()),
                ..fixture::from_blueprint("four")
            },
        ] {
            outcomes.push(error_line(&factory.submit(vec![wrong]).await.unwrap_err()));
        }
        outcomes.push(outcome(factory.submit(Vec::new()).await));
        let startups = factory.startups().await.unwrap();
        let slugs: Vec<_> = startups
            .iter()
            .map(|startup| startup.slug.as_str())
            .collect();
        assert_eq!(slugs, ["one"]);
        doors.drive().await;
        let third = factory.submit(one()).await.unwrap();
        assert_eq!(third[0].outcome, SubmitOutcome::Verified);
        outcomes
    }

    pub(super) async fn gates_are_answered_once_and_in_their_round(
        doors: &Doors,
        door: Door,
    ) -> Vec<String> {
        let factory = doors.through(door);
        factory
            .submit(vec![fixture::from_brief("one")])
            .await
            .unwrap();
        doors.drive().await;
        let gate_id = GateId::from_static("one.1.niche_validation");
        let mut outcomes = Vec::new();
        let decide = async |answer| outcome(factory.decide(&gate_id, answer).await);
        outcomes.push(decide(answer(Verdict::Ask, None, None)).await);
        outcomes.push(decide(answer(Verdict::Approve, Some(7), None)).await);
        outcomes.push(decide(answer(Verdict::Ask, Some(1), Some("why — “so”?\n"))).await);
        doors.drive().await;
        let again = factory.gate(&gate_id).await.unwrap().gate;
        assert_eq!((again.round, again.state.as_str()), (2, "open"));
        outcomes.push(decide(answer(Verdict::Approve, Some(1), None)).await);
        outcomes.push(decide(answer(Verdict::Approve, Some(2), Some("good"))).await);
        outcomes.push(decide(answer(Verdict::Reject, None, None)).await);
        assert!(factory.gates(true).await.unwrap().is_empty());
        let all = factory.gates(false).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].decided_by.as_deref(), Some("ada"));
        assert_eq!(all[0].comment.as_deref(), Some("good"));
        doors.drive().await;
        outcomes.push(
            factory
                .startup(&Slug::from_static("one"))
                .await
                .unwrap()
                .startup
                .state
                .to_string(),
        );
        outcomes.push(decide(answer(Verdict::Approve, None, None)).await);
        outcomes
    }

    pub(super) async fn runs_are_cancelled_once(doors: &Doors, door: Door) -> Vec<String> {
        let factory = doors.through(door);
        factory.submit(vec![patient("one")]).await.unwrap();
        doors.drive().await;
        let first = RunId::from_static("one.1");
        let mut outcomes = vec![
            outcome(factory.cancel_run(&first, "no “money”".to_owned()).await),
            outcome(factory.cancel_run(&first, "again".to_owned()).await),
        ];
        let run = factory.run(&first).await.unwrap().run;
        assert_eq!(
            (run.state.as_str(), run.reason.as_deref()),
            ("cancelled", Some("no “money”"))
        );
        let again = factory.submit(vec![patient("one")]).await.unwrap();
        assert_eq!(again[0].outcome, SubmitOutcome::Restarted);
        doors.drive().await;
        // An old run's name never ends the one that is under way.
        outcomes.push(outcome(
            factory.cancel_run(&first, "a slip".to_owned()).await,
        ));
        let runs = factory.runs().await.unwrap();
        outcomes.extend(
            runs.into_iter()
                .map(|run| format!("{} {}", run.run_id, run.state)),
        );
        outcomes
    }

    pub(super) async fn events_come_in_pages(doors: &Doors, door: Door) -> Vec<String> {
        let factory = doors.through(door);
        assert!(factory.events(Seq(0), 10).await.unwrap().is_empty());
        assert_eq!(factory.head().await.unwrap(), Seq(0));
        // Who waits is woken by what comes.
        let (waited, ()) = tokio::join!(factory.wait(Seq(0)), async {
            // Gives the other one the time to begin waiting; it is woken either way.
            tokio::task::yield_now().await;
            factory.submit(vec![patient("one")]).await.unwrap();
        });
        assert_eq!(waited.unwrap(), Seq(1));
        doors.drive().await;
        let all = factory.events(Seq(0), 1000).await.unwrap();
        let mut paged = Vec::new();
        loop {
            let after = paged
                .last()
                .map_or(Seq(0), |event: &factory_core::event::Recorded| event.seq);
            let page = factory.events(after, 7).await.unwrap();
            assert!(page.len() <= 7);
            if page.is_empty() {
                break;
            }
            paged.extend(page);
        }
        assert_eq!(paged, all);
        let head = all.last().unwrap().seq;
        assert_eq!(head.0, all.len() as u64, "the log has no gap");
        assert_eq!(factory.wait(Seq(0)).await.unwrap(), head);
        assert_eq!(factory.head().await.unwrap(), head);
        assert_eq!(factory.events(Seq(u64::MAX >> 1), 10).await.unwrap(), []);
        vec![outcome(factory.events(Seq(0), 0).await)]
    }

    pub(super) async fn a_product_runs_once_and_holds_its_resources_until_it_is_stopped(
        doors: &Doors,
        door: Door,
    ) -> Vec<String> {
        let factory = doors.through(door);
        factory
            .submit(vec![fixture::from_blueprint("one")])
            .await
            .unwrap();
        doors.drive().await;
        let slug = Slug::from_static("one");
        assert!(factory.products().await.unwrap().is_empty());
        let started = factory.start_product(&slug).await.unwrap();
        assert_eq!(factory.start_product(&slug).await.unwrap(), started);
        assert!(!started.answers, "nobody listens on its port");
        let product = started.product;
        let ports: Vec<_> = product.ports.keys().map(String::as_str).collect();
        assert_eq!((product.state.as_str(), ports), ("running", vec!["web"]));
        let detail = factory.startup(&slug).await.unwrap();
        assert!(detail.allocation.is_some());
        assert_eq!(detail.product, Some(product.clone()));
        assert_eq!(factory.products().await.unwrap(), [product]);
        assert_eq!(doors.factory.daemons().alive(), [1]);
        assert!(factory.stop_product(&slug).await.unwrap());
        assert!(!factory.stop_product(&slug).await.unwrap());
        assert!(doors.factory.daemons().alive().is_empty());
        let detail = factory.startup(&slug).await.unwrap();
        assert_eq!(detail.allocation, None);
        let product = detail.product.unwrap();
        let mut outcomes = vec![format!("{} {:?}", product.state, product.reason)];
        let nobody = Slug::from_static("nobody");
        outcomes.push(outcome(factory.start_product(&nobody).await));
        outcomes.push(outcome(factory.stop_product(&nobody).await));
        outcomes
    }

    pub(super) async fn what_is_not_built_is_neither_started_nor_stopped(
        doors: &Doors,
        door: Door,
    ) -> Vec<String> {
        let factory = doors.through(door);
        factory.submit(vec![patient("one")]).await.unwrap();
        doors.drive().await;
        let slug = Slug::from_static("one");
        let before = factory.startup(&slug).await.unwrap();
        assert_eq!(before.startup.state, State::Building);
        assert!(before.allocation.is_some());
        let outcomes = vec![
            outcome(factory.start_product(&slug).await),
            outcome(factory.stop_product(&slug).await),
        ];
        assert_eq!(factory.startup(&slug).await.unwrap(), before);
        // And it resumes where it was.
        let gate_id = GateId::from_static("one.1.release_readiness");
        let approved = answer(Verdict::Approve, None, None);
        factory.decide(&gate_id, approved).await.unwrap();
        doors.drive().await;
        let after = factory.startup(&slug).await.unwrap();
        assert_eq!(after.startup.state, State::Verified);
        outcomes
    }

    pub(super) async fn whatever_is_not_there_is_said_so(doors: &Doors, door: Door) -> Vec<String> {
        let factory = doors.through(door);
        let mut outcomes = Vec::new();
        // Names that would change the meaning of an address if they were not escaped.
        let (slug, run_id) = (Slug::from_static("nobody"), RunId::from_static("nobody.1"));
        let gate_id = GateId::from_static("nobody.1.x");
        for name in [
            "nobody",
            "..",
            "../../etc/passwd",
            "a b?c=d#e%2Ff",
            "größe",
            "a.b.c.d",
        ] {
            let task_id = TaskId::from_static(name);
            outcomes.push(outcome(factory.startup(&slug).await));
            outcomes.push(outcome(factory.run(&run_id).await));
            outcomes.push(outcome(factory.task_logs(&run_id, &task_id).await));
            outcomes.push(outcome(factory.gate(&gate_id).await));
            outcomes.push(outcome(
                factory
                    .decide(&gate_id, answer(Verdict::Approve, None, None))
                    .await,
            ));
            outcomes.push(outcome(factory.cancel_run(&run_id, String::new()).await));
        }
        outcomes
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_doors_show_the_same_factory() {
    let doors = Doors::open().await;
    let submitted = vec![patient("one"), fixture::from_blueprint("two")];
    doors.remote.submit(submitted).await.unwrap();
    doors.drive().await;
    let seen = async |door| {
        let factory = doors.through(door);
        let mut seen = vec![
            outcome(factory.startups().await),
            outcome(factory.runs().await),
            outcome(factory.gates(true).await),
            outcome(factory.gates(false).await),
            outcome(
                factory
                    .gate(&GateId::from_static("one.1.release_readiness"))
                    .await,
            ),
            outcome(factory.events(Seq(0), 1000).await),
            outcome(factory.events(Seq(3), 4).await),
            outcome(factory.wait(Seq(0)).await),
        ];
        for slug in ["one", "two"] {
            seen.push(outcome(factory.startup(&Slug::parse(slug).unwrap()).await));
            let run_id = RunId::parse(format!("{slug}.1")).unwrap();
            seen.push(outcome(factory.run(&run_id).await));
            for task in factory.run(&run_id).await.unwrap().tasks {
                let task_id = TaskId::parse(task.task_id).unwrap();
                seen.push(outcome(factory.task_logs(&run_id, &task_id).await));
            }
        }
        seen
    };
    let (local, remote) = (seen(Door::Local).await, seen(Door::Remote).await);
    assert!(local.len() > 30, "{} answers", local.len());
    assert_eq!(local, remote);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_startup_that_is_handed_in_by_many_at_once_is_created_once() {
    let doors = std::sync::Arc::new(Doors::open().await);
    let people: Vec<_> = (0..16)
        .map(|number| {
            let doors = std::sync::Arc::clone(&doors);
            let door = if number % 2 == 0 {
                Door::Local
            } else {
                Door::Remote
            };
            tokio::spawn(async move {
                let one = vec![fixture::from_blueprint("one")];
                doors.through(door).submit(one).await.unwrap()[0].outcome
            })
        })
        .collect();
    let mut created = 0;
    for person in people {
        match person.await.unwrap() {
            SubmitOutcome::Created => created += 1,
            outcome => assert_eq!(outcome, SubmitOutcome::Resumed),
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_is_started_by_many_at_once_runs_once_and_all_are_told_the_same() {
    let doors = std::sync::Arc::new(Doors::open().await);
    let one = vec![fixture::from_blueprint("one")];
    doors.local.submit(one).await.unwrap();
    doors.drive().await;
    let people: Vec<_> = (0..8)
        .map(|number| {
            let doors = std::sync::Arc::clone(&doors);
            let door = if number % 2 == 0 {
                Door::Local
            } else {
                Door::Remote
            };
            tokio::spawn(async move {
                doors
                    .through(door)
                    .start_product(&Slug::from_static("one"))
                    .await
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for person in people {
        outcomes.push(outcome(person.await.unwrap()));
    }
    outcomes.dedup();
    assert_eq!(outcomes.len(), 1, "{outcomes:#?}");
    assert!(outcomes[0].contains("Running"), "{outcomes:#?}");
    assert_eq!(doors.factory.daemons().spawned(), 1);
}

/// Negative control: the comparison sees a difference of one hint.
#[test]
fn two_errors_that_differ_in_a_hint_are_told_apart() {
    use factory_app::error::AppError;
    let error = |hint: &str| AppError::new(Code::RunOver, "it has ended").hint(hint);
    assert_ne!(error_line(&error("a")), error_line(&error("b")));
    assert_eq!(error_line(&error("a")), error_line(&error("a")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_driver_the_remote_door_says_that_it_is_closed() {
    let doors = Doors::open().await;
    let socket = doors.socket.clone();
    assert!(doors.remote.is_alive().await);
    drop(doors);
    let remote = factory_server::client::Remote::new(
        socket,
        None,
        std::sync::Arc::new(factory_app::clock::SystemClock),
    );
    assert!(!remote.is_alive().await);
    let error = remote.startups().await.unwrap_err();
    assert_eq!(error.code, Code::DriverUnreachable);
}
