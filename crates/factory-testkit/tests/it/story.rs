//! A whole run from brief to product, with people at its gates.

use factory_app::error::Code;
use factory_app::factory::{Factory as _, GateAnswer, SubmitOutcome};
use factory_core::id::{GateId, RunId, Slug, TaskId};
use factory_core::portfolio::{State, Verdict};
use factory_core::projection::RunState;
use factory_testkit::{TestFactory, fixture};

fn answer(verdict: Verdict, comment: Option<&str>) -> GateAnswer {
    GateAnswer {
        verdict,
        round: None,
        by: "ada".to_owned(),
        comment: comment.map(str::to_owned),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_startups_are_built_at_once() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    let names = ["one", "two", "three", "four", "five", "six"];
    local
        .submit(
            names
                .iter()
                .map(|name| fixture::from_blueprint(name))
                .collect(),
        )
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let startups = local.startups().await.unwrap();
    assert!(
        startups
            .iter()
            .all(|startup| startup.state == State::Verified),
        "{startups:?}"
    );
    let one = factory.tree(&Slug::from_static("one"));
    assert!(
        one.keys().any(|path| path == "entities/invoice.txt"),
        "{one:?}"
    );
    let mut ports: Vec<u16> = Vec::new();
    for name in names {
        let slug = Slug::parse(name).unwrap();
        let held = local.startup(&slug).await.unwrap().allocation;
        assert_eq!(held, None, "{name}: what its run held is given back");
        ports.extend(
            local
                .start_product(&slug)
                .await
                .unwrap()
                .product
                .ports
                .values(),
        );
    }
    let given = ports.len();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(
        ports.len(),
        given,
        "two startups hold the same ports: {ports:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_waits_is_asked_is_approved_and_rejects() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_brief("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let open = local.gates(true).await.unwrap();
    assert_eq!(open.len(), 1);
    let gate_id = GateId::parse(open[0].gate_id.as_str()).unwrap();
    assert_eq!(gate_id.as_str(), "ledgerly.1.niche_validation");

    let silent = local
        .decide(&gate_id, answer(Verdict::Ask, None))
        .await
        .unwrap_err();
    assert_eq!(silent.code, Code::NeedsComment);
    local
        .decide(&gate_id, answer(Verdict::Ask, Some("who pays today?")))
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let again = local.gate(&gate_id).await.unwrap();
    assert_eq!((again.gate.round, again.gate.state.as_str()), (2, "open"));
    assert!(
        again
            .artifacts
            .iter()
            .any(|(_, text)| text.contains("who pays today?")),
        "{:?}",
        again.artifacts
    );

    let stale = GateAnswer {
        round: Some(1),
        ..answer(Verdict::Approve, None)
    };
    let refused = local.decide(&gate_id, stale).await.unwrap_err();
    assert_eq!(refused.code, Code::GateDecided);
    local
        .decide(&gate_id, answer(Verdict::Approve, None))
        .await
        .unwrap();
    let twice = local
        .decide(&gate_id, answer(Verdict::Approve, None))
        .await
        .unwrap_err();
    assert_eq!(twice.code, Code::GateDecided);
    local.driver().drive(false).await.unwrap();
    let next = GateId::from_static("ledgerly.1.problem_solution_fit");
    local
        .decide(&next, answer(Verdict::Reject, Some("too small")))
        .await
        .unwrap();
    let detail = local.startup(&Slug::from_static("ledgerly")).await.unwrap();
    assert_eq!(detail.startup.state, State::Rejected);
    assert_eq!(detail.allocation, None, "its resources are given back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_check_leaves_the_product_unverified_and_says_so() {
    let factory = TestFactory::new();
    factory.processes().fail("types", u32::MAX);
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&Slug::from_static("ledgerly")).await.unwrap();
    assert_eq!(detail.startup.state, State::Unverified);
    let run = detail.run.unwrap();
    assert!(run.run.reason.unwrap().starts_with("types failed"));
    assert!(
        detail.gates.is_empty(),
        "what is not verified is not offered for release"
    );
    let again = local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await
        .unwrap();
    assert_eq!(again[0].outcome, SubmitOutcome::Restarted);
    factory.processes().fail("types", 0);
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&Slug::from_static("ledgerly")).await.unwrap();
    assert_eq!(
        (
            detail.startup.state.as_str(),
            detail.startup.run_id.as_ref().map(RunId::as_str)
        ),
        ("verified", Some("ledgerly.2"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_red_is_halved_and_its_good_half_lands() {
    let factory = TestFactory::new();
    // The first quick check is the scaffold's, the second that of the batch of entities.
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await
        .unwrap();
    factory.processes().fail("lint", 2);
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&Slug::from_static("ledgerly")).await.unwrap();
    assert_eq!(detail.startup.state, State::Verified);
    let failures: u64 = detail
        .run
        .unwrap()
        .tasks
        .iter()
        .map(|task| task.failures)
        .sum();
    assert!(
        failures > 0,
        "the change alone in a red batch is tried again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_run_ends_and_another_one_builds_on_what_there_is() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_brief("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let run_id = RunId::from_static("ledgerly.1");
    local
        .cancel_run(&run_id, "changed my mind".to_owned())
        .await
        .unwrap();
    assert_eq!(
        local.run(&run_id).await.unwrap().run.state,
        RunState::Cancelled
    );
    assert_eq!(
        local
            .cancel_run(&run_id, "again".to_owned())
            .await
            .unwrap_err()
            .code,
        Code::RunOver
    );
    let missing = local
        .run(&RunId::from_static("nobody.1"))
        .await
        .unwrap_err();
    assert_eq!(missing.code, Code::NoRun);
    let logs = local
        .task_logs(&run_id, &TaskId::from_static("nothing"))
        .await
        .unwrap_err();
    assert_eq!(logs.code, Code::NoTask);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_asks_no_more_at_its_gates() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_brief("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    let first = RunId::from_static("ledgerly.1");
    local.cancel_run(&first, "stop".to_owned()).await.unwrap();
    assert_eq!(local.gates(true).await.unwrap(), []);
    let gate_id = GateId::of(&first, "niche_validation");
    let late = local.decide(&gate_id, answer(Verdict::Approve, None)).await;
    assert_eq!(late.unwrap_err().code, Code::RunOver);

    local
        .submit(vec![fixture::from_brief("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    // A late cancel of the first run does not reach the second.
    let late = local.cancel_run(&first, "stop".to_owned()).await;
    assert_eq!(late.unwrap_err().code, Code::RunOver);
    let open: Vec<GateId> = local
        .gates(true)
        .await
        .unwrap()
        .into_iter()
        .map(|gate| gate.gate_id)
        .collect();
    assert_eq!(open, [GateId::from_static("ledgerly.2.niche_validation")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_run_leaves_nothing_of_the_one_before() {
    let factory = TestFactory::new();
    factory.processes().fail("types", u32::MAX);
    let local = factory.open().await.unwrap();
    let slug = Slug::from_static("ledgerly");
    local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await
        .unwrap();
    local.driver().drive(false).await.unwrap();
    assert!(factory.tree(&slug).contains_key("entities/job.txt"));
    factory.processes().fail("types", 0);
    let renamed = fixture::from_blueprint("ledgerly");
    let text = renamed.blueprint.unwrap().replace("\"Job\"", "\"Ticket\"");
    let text = text.replace("\"Jobs\"", "\"Tickets\"");
    let renamed = factory_app::factory::Submission {
        blueprint: Some(text),
        ..fixture::from_blueprint("ledgerly")
    };
    local.submit(vec![renamed]).await.unwrap();
    local.driver().drive(false).await.unwrap();
    let tree = factory.tree(&slug);
    assert!(tree.contains_key("entities/ticket.txt"), "{tree:?}");
    assert!(!tree.contains_key("entities/job.txt"), "{tree:?}");
    assert_eq!(
        local.startup(&slug).await.unwrap().startup.state,
        State::Verified
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_in_a_merge_check_stops_the_driver_and_loses_nothing() {
    let factory = TestFactory::new();
    factory.processes().panic_at("lint");
    let local = factory.open().await.unwrap();
    local
        .submit(vec![fixture::from_blueprint("ledgerly")])
        .await
        .unwrap();
    assert!(local.driver().drive(false).await.is_err());
    factory.processes().panic_at("nothing");
    let local = factory.open().await.unwrap();
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&Slug::from_static("ledgerly")).await.unwrap();
    assert_eq!(detail.startup.state, State::Verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_machine_could_give_and_names_that_are_paths_are_refused() {
    let factory = TestFactory::new();
    let local = factory.open().await.unwrap();
    let mut greedy = fixture::from_brief("greedy");
    greedy.brief.resources.memory_mib = 900_000_000;
    let refused = local.submit(vec![greedy]).await.unwrap_err();
    assert_eq!(refused.code, Code::BriefInvalid, "{}", refused.chain());
    // A name that is a path cannot even be written down.
    let mut path = serde_json::to_value(fixture::from_brief("evil")).unwrap();
    path["slug"] = "../evil".into();
    assert!(serde_json::from_value::<factory_app::factory::Submission>(path).is_err());
    assert_eq!(local.startups().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn areas_of_a_dead_driver_are_out_of_the_way_before_anything_is_driven() {
    let factory = TestFactory::new();
    let left = factory.root().join(".factory/staging/gone/verify.1/files");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("half.txt"), "half").unwrap();
    drop(factory.open().await.unwrap());
    assert!(!left.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_whose_folder_was_moved_away_is_not_begun_anew_in_an_empty_one() {
    let factory = TestFactory::new();
    let (slug, gate) = (
        Slug::from_static("ledgerly"),
        GateId::from_static("ledgerly.1.release_readiness"),
    );
    let local = factory.open().await.unwrap();
    let submission = factory_app::factory::Submission {
        gates: factory_core::run::GatePolicy::Person,
        ..fixture::from_blueprint("ledgerly")
    };
    local.submit(vec![submission]).await.unwrap();
    local.driver().drive(false).await.unwrap();
    let (folder, away) = (factory.product(&slug), factory.root().join("away"));
    std::fs::rename(&folder, &away).unwrap();
    let approve = || answer(Verdict::Approve, None);
    let local = factory.open().await.unwrap();
    let refused = local.decide(&gate, approve()).await.unwrap_err();
    assert_eq!(refused.code, Code::NotBuilt, "{}", refused.chain());
    assert!(local.driver().drive(false).await.is_err());
    assert!(!folder.exists(), "nothing was made in its place");
    std::fs::rename(&away, &folder).unwrap();
    local.decide(&gate, approve()).await.unwrap();
    local.driver().drive(false).await.unwrap();
    let detail = local.startup(&slug).await.unwrap();
    assert_eq!(detail.startup.state, State::Verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_template_for_a_finished_product_is_refused_and_not_ignored() {
    let factory = TestFactory::new();
    let templates = factory.root().join("templates");
    std::fs::create_dir(&templates).unwrap();
    for name in ["mini", "other"] {
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .arg(fixture::templates().join("mini"))
            .arg(templates.join(name))
            .status();
        assert!(copied.unwrap().success());
    }
    let store = std::sync::Arc::new(factory.store().clone());
    let local = factory.open_on(store, Some(templates)).await.unwrap();
    let built = fixture::from_blueprint("ledgerly");
    local.submit(vec![built.clone()]).await.unwrap();
    local.driver().drive(false).await.unwrap();
    let same = local.submit(vec![built.clone()]).await.unwrap();
    assert_eq!(same[0].outcome, SubmitOutcome::Verified);
    let other = factory_app::factory::Submission {
        template: Some("other".to_owned()),
        ..built
    };
    let refused = local.submit(vec![other]).await.unwrap_err();
    assert_eq!(refused.code, Code::StartupDiffers, "{}", refused.chain());
}
