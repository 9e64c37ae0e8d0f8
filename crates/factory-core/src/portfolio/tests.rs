//! Tables of decisions: which commands are legal, and what they make of the portfolio.

use super::*;
use crate::id::{BlobId, GateId, Slug};
use crate::process::ProcessIdentity;
use crate::resources::{Budget, Resources};
use crate::run::GatePolicy;

fn plan(brief: &str) -> BuildPlan {
    BuildPlan {
        brief: BlobId::of(brief.as_bytes()),
        playbook: "mvp@1".to_owned(),
        template: "mini".to_owned(),
        gates: GatePolicy::Person,
        attempts_max: 3,
        blueprint: None,
    }
}

fn resources(memory_mib: u64, port_count: u16) -> Resources {
    Resources {
        memory_mib,
        cpu_millicores: 500,
        disk_mib: 10,
        port_count,
    }
}

fn machine(memory_mib: u64, startups: usize) -> Machine {
    let capacity = Resources {
        memory_mib,
        cpu_millicores: 100_000,
        disk_mib: 100_000,
        port_count: 100,
    };
    Machine { capacity, startups }
}

fn create(slug: &str, memory_mib: u64, ports: u16) -> Command {
    let (slug, name) = (Slug::parse(slug).unwrap(), slug.to_owned());
    Command::CreateStartup {
        slug,
        name,
        resources: resources(memory_mib, ports),
        budget: Budget::default(),
        plan: plan("b"),
    }
}

fn allocate(memory_mib: u64, startups: usize, free_ports: std::ops::Range<u16>) -> Command {
    Command::Allocate {
        machine: machine(memory_mib, startups),
        free_ports: free_ports.collect(),
    }
}

fn decision(verdict: Verdict, comment: Option<&str>) -> Decision {
    Decision {
        verdict,
        by: "ada".to_owned(),
        comment: comment.map(str::to_owned),
    }
}

/// Does all of it, in order.
fn after(commands: Vec<Command>) -> Portfolio {
    let mut state = Portfolio::default();
    for command in commands {
        for event in decide(&state, command.clone())
            .unwrap_or_else(|refused| panic!("{command:?}: {refused}"))
        {
            apply(&mut state, &event);
        }
    }
    state
}

fn ports(state: &Portfolio) -> Vec<(&str, Vec<u16>)> {
    let held = |startup: &Startup| startup.allocation.as_ref().map(|held| held.ports.clone());
    state
        .startups
        .iter()
        .filter_map(|(slug, startup)| Some((slug.as_str(), held(startup)?)))
        .collect()
}

#[test]
fn a_slug_is_taken_once() {
    let state = after(vec![create("a", 1, 1)]);
    assert_eq!(
        decide(&state, create("a", 1, 1)),
        Err(Refusal::Exists(Slug::from_static("a")))
    );
}

#[test]
fn resources_are_granted_whole_oldest_first_and_never_overtaken() {
    let queue = || {
        vec![
            create("b", 600, 2),
            create("c", 600, 2),
            create("a", 100, 1),
        ]
    };
    let with = |command| {
        let mut commands = queue();
        commands.push(command);
        after(commands)
    };
    for (machine, expected) in [
        (
            allocate(2000, 5, 3000..3010),
            vec![
                ("a", vec![3004]),
                ("b", vec![3000, 3001]),
                ("c", vec![3002, 3003]),
            ],
        ),
        // `c` does not fit: `a`, which would, waits behind it.
        (allocate(1000, 5, 3000..3010), vec![("b", vec![3000, 3001])]),
        (allocate(2000, 5, 3000..3003), vec![("b", vec![3000, 3001])]),
        (
            allocate(2000, 2, 3000..3010),
            vec![("b", vec![3000, 3001]), ("c", vec![3002, 3003])],
        ),
        (allocate(2000, 5, 3000..3001), vec![]),
    ] {
        assert_eq!(ports(&with(machine.clone())), expected, "{machine:?}");
    }
}

#[test]
fn two_startups_never_hold_one_port_even_if_it_looks_free() {
    let state = after(vec![
        create("a", 1, 2),
        allocate(100, 5, 3000..3005),
        create("b", 1, 2),
        allocate(100, 5, 3000..3005),
    ]);
    assert_eq!(
        ports(&state),
        [("a", vec![3000, 3001]), ("b", vec![3002, 3003])]
    );
}

#[test]
fn what_is_given_back_is_granted_again() {
    let (a, b) = (Slug::from_static("a"), Slug::from_static("b"));
    let state = after(vec![
        create("a", 800, 2),
        create("b", 800, 2),
        allocate(1000, 5, 3000..3002),
        Command::BeginRun { slug: a.clone() },
        Command::EndRun {
            slug: a.clone(),
            state: State::Failed,
        },
        allocate(1000, 5, 3000..3002),
    ]);
    assert_eq!(ports(&state), [("b", vec![3000, 3001])]);
    let begun = decide(&state, Command::BeginRun { slug: a });
    let refused = Refusal::NotQueued {
        slug: Slug::from_static("a"),
        state: "failed",
    };
    assert_eq!(begun, Err(refused));
    let run_id = b.run(1);
    assert_eq!(
        decide(&state, Command::BeginRun { slug: b.clone() }),
        Ok(vec![Event::RunBegun { slug: b, run_id }])
    );
}

#[test]
fn a_product_gets_resources_of_its_own_when_it_is_started() {
    let (a, b) = (Slug::from_static("a"), Slug::from_static("b"));
    let end = |slug: &Slug| Command::EndRun {
        slug: slug.clone(),
        state: State::Verified,
    };
    let acquire = |slug: &Slug, memory_mib, free_ports: std::ops::Range<u16>| Command::Acquire {
        slug: slug.clone(),
        machine: machine(memory_mib, 0),
        free_ports: free_ports.collect(),
    };
    let mut commands = vec![
        create("a", 10, 1),
        create("b", 10, 1),
        allocate(100, 5, 3000..3005),
    ];
    for slug in [&a, &b] {
        commands.push(Command::BeginRun { slug: slug.clone() });
        commands.push(end(slug));
    }
    let built = after(commands.clone());
    assert_eq!(
        ports(&built),
        [],
        "a product that does not run holds nothing"
    );
    commands.push(acquire(&b, 15, 3000..3005));
    commands.push(acquire(&b, 0, 0..0));
    let state = after(commands.clone());
    assert_eq!(
        ports(&state),
        [("b", vec![3000])],
        "held once, however often it is asked for"
    );
    let refused = decide(&state, acquire(&a, 15, 3000..3005)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "not enough resources for the product of `a`: memory: needs 10 MiB, 5 MiB left"
    );
    commands.push(Command::Release { slug: b });
    commands.push(acquire(&a, 15, 3000..3005));
    assert_eq!(ports(&after(commands)), [("a", vec![3000])]);
}

/// One startup, `a`, at every stage of its life.
fn stages() -> Vec<(&'static str, Vec<Command>)> {
    let a = || Slug::from_static("a");
    let end = |state| Command::EndRun { slug: a(), state };
    let mut commands = vec![create("a", 1, 1)];
    let mut stages = vec![("queued", commands.clone())];
    commands.push(allocate(100, 1, 3000..3005));
    stages.push(("granted", commands.clone()));
    commands.push(Command::BeginRun { slug: a() });
    stages.push(("building", commands.clone()));
    let ends = [
        ("verified", State::Verified),
        ("unverified", State::Unverified),
        ("failed", State::Failed),
        ("rejected", State::Rejected),
        ("cancelled", State::Cancelled),
    ];
    for (name, state) in ends {
        let mut commands = commands.clone();
        commands.push(end(state));
        stages.push((name, commands));
    }
    stages
}

fn process(pid: u32) -> ProcessIdentity {
    ProcessIdentity {
        pid,
        start_time: 7,
        boot_id: "b".to_owned(),
    }
}

fn start(slug: &str, pid: u32) -> Command {
    Command::StartProduct {
        slug: Slug::parse(slug).unwrap(),
        product: Product {
            process: process(pid),
            ports: [("web".to_owned(), 3000)].into(),
            url: Some("http://127.0.0.1:3000".to_owned()),
            log: "product.log".to_owned(),
        },
    }
}

fn stop(slug: &str, pid: u32) -> Command {
    Command::StopProduct {
        slug: Slug::parse(slug).unwrap(),
        process: process(pid),
        reason: "its process ended".to_owned(),
    }
}

fn acquire(slug: &str) -> Command {
    Command::Acquire {
        slug: Slug::parse(slug).unwrap(),
        machine: machine(100, 0),
        free_ports: vec![3000, 3001],
    }
}

/// `unverified`, with its product running as process 1.
fn running() -> Vec<Command> {
    let stage = stages().into_iter().find(|(name, _)| *name == "unverified");
    let mut commands = stage.unwrap().1;
    commands.extend([acquire("a"), start("a", 1)]);
    commands
}

#[test]
fn what_an_unfinished_startup_holds_is_never_taken_from_it() {
    for (name, commands) in stages() {
        let state = after(commands);
        let release = Command::Release {
            slug: Slug::from_static("a"),
        };
        let open = matches!(name, "queued" | "granted" | "building");
        assert_eq!(decide(&state, release).is_err(), open, "{name}");
    }
}

#[test]
fn only_what_is_built_is_started() {
    for (name, commands) in stages() {
        let state = after(commands);
        let built = matches!(name, "verified" | "unverified");
        assert_eq!(decide(&state, acquire("a")).is_ok(), built, "{name}");
        let started = decide(&state, start("a", 1));
        let refused = started.unwrap_err();
        let expected = if built {
            "startup `a` has no allocation yet".to_owned()
        } else {
            let word = state.startups[&Slug::from_static("a")].state.as_str();
            format!("startup `a` is {word}: it has no product yet")
        };
        assert_eq!(refused.to_string(), expected, "{name}");
    }
}

#[test]
fn only_a_queued_startup_begins_a_run() {
    for (name, commands) in stages() {
        let state = after(commands);
        let slug = Slug::from_static("a");
        let begun = decide(&state, Command::BeginRun { slug }).is_ok();
        assert_eq!(begun, name == "granted", "{name}");
    }
    let slug = Slug::from_static("a");
    let refused = decide(&after(running()), Command::BeginRun { slug }).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "startup `a` is unverified, not queued",
        "what a product holds is no place to build in"
    );
}

#[test]
fn a_product_runs_once_and_keeps_its_ports_until_its_own_process_has_stopped() {
    let mut state = after(running());
    let again = Refusal::ProductRuns(Slug::from_static("a"));
    let requeue = Command::Requeue {
        slug: Slug::from_static("a"),
        resources: resources(1, 1),
        budget: Budget::default(),
        plan: plan("b"),
    };
    let release = Command::Release {
        slug: Slug::from_static("a"),
    };
    for command in [start("a", 2), requeue, release] {
        let refused = decide(&state, command.clone());
        assert_eq!(refused, Err(again.clone()), "{command:?}");
    }
    assert_eq!(decide(&state, stop("a", 2)), Ok(Vec::new()));
    for event in decide(&state, stop("a", 1)).unwrap() {
        apply(&mut state, &event);
    }
    assert_eq!(ports(&state), []);
    assert_eq!(
        decide(&state, stop("a", 1)),
        Ok(Vec::new()),
        "recorded once"
    );
}

#[test]
fn a_startup_that_waits_at_a_gate_leaves_its_build_slot_to_another() {
    let gate_id = GateId::of(&Slug::from_static("a").run(1), "niche_validation");
    let mut commands = vec![
        create("a", 1, 1),
        create("b", 1, 1),
        allocate(100, 1, 3000..3005),
        Command::BeginRun {
            slug: Slug::from_static("a"),
        },
        allocate(100, 1, 3000..3005),
    ];
    assert_eq!(ports(&after(commands.clone())), [("a", vec![3000])]);
    commands.extend([
        Command::OpenGate {
            gate_id: gate_id.clone(),
            gate: gate(),
        },
        allocate(100, 1, 3000..3005),
    ]);
    let both = [("a", vec![3000]), ("b", vec![3001])];
    assert_eq!(ports(&after(commands.clone())), both);
    commands.extend([
        create("c", 1, 1),
        Command::DecideGate {
            gate_id,
            round: None,
            decision: decision(Verdict::Approve, None),
        },
        allocate(100, 1, 3000..3005),
    ]);
    assert_eq!(ports(&after(commands)), both, "two build where one may");
}

#[test]
fn a_verified_startup_is_not_built_again() {
    let a = Slug::from_static("a");
    let state = after(vec![
        create("a", 1, 1),
        allocate(100, 1, 3000..3005),
        Command::BeginRun { slug: a.clone() },
        Command::EndRun {
            slug: a.clone(),
            state: State::Verified,
        },
    ]);
    let again = Command::Requeue {
        slug: a.clone(),
        resources: resources(1, 1),
        budget: Budget::default(),
        plan: plan("b"),
    };
    let refused = Refusal::NotOver {
        slug: a,
        state: "verified",
    };
    assert_eq!(decide(&state, again), Err(refused));
}

#[test]
fn a_startup_is_told_once_what_it_waits_for() {
    let mut state = after(vec![create("a", 10, 1)]);
    let ask = || allocate(5, 5, 3000..3005);
    let events = decide(&state, ask()).unwrap();
    assert!(
        matches!(events.as_slice(), [Event::AllocationQueued { .. }]),
        "{events:?}"
    );
    for event in &events {
        apply(&mut state, event);
    }
    assert_eq!(decide(&state, ask()), Ok(Vec::new()));
}

#[test]
fn a_startup_that_ended_badly_waits_for_another_run() {
    let a = Slug::from_static("a");
    let state = after(vec![
        create("a", 1, 1),
        allocate(100, 1, 3000..3005),
        Command::BeginRun { slug: a.clone() },
        Command::EndRun {
            slug: a.clone(),
            state: State::Unverified,
        },
        Command::Requeue {
            slug: a.clone(),
            resources: resources(1, 1),
            budget: Budget::default(),
            plan: plan("new"),
        },
    ]);
    assert_eq!(
        (state.queue.as_slice(), ports(&state)),
        ([a.clone()].as_slice(), vec![])
    );
    let startup = &state.startups[&a];
    assert_eq!(
        (startup.state, startup.runs, startup.plan.clone()),
        (State::Queued, 1, plan("new"))
    );
}

fn gate() -> Gate {
    Gate {
        name: "niche_validation".to_owned(),
        phase: "market_research".to_owned(),
        round: 1,
        question: "?".to_owned(),
        artifacts: Vec::new(),
        decision: None,
    }
}

fn at_gate() -> (Portfolio, GateId) {
    let gate_id = GateId::of(&Slug::from_static("a").run(1), "niche_validation");
    (
        after(vec![
            create("a", 1, 1),
            Command::OpenGate {
                gate_id: gate_id.clone(),
                gate: gate(),
            },
        ]),
        gate_id,
    )
}

#[test]
fn a_gate_is_decided_once_by_whoever_saw_its_round() {
    let (mut state, gate_id) = at_gate();
    let decide_it = |round, verdict, comment| Command::DecideGate {
        gate_id: gate_id.clone(),
        round,
        decision: decision(verdict, comment),
    };
    let stale = Refusal::OtherRound {
        gate_id: gate_id.clone(),
        now: 1,
        seen: 2,
    };
    assert_eq!(
        decide(&state, decide_it(Some(2), Verdict::Approve, None)),
        Err(stale)
    );
    assert_eq!(
        decide(&state, decide_it(None, Verdict::Ask, Some("  "))),
        Err(Refusal::NoComment)
    );
    for event in decide(&state, decide_it(Some(1), Verdict::Approve, None)).unwrap() {
        apply(&mut state, &event);
    }
    let decided = Refusal::Decided {
        gate_id: gate_id.clone(),
        verdict: "approve",
        by: "ada".to_owned(),
    };
    assert_eq!(
        decide(&state, decide_it(None, Verdict::Reject, None)),
        Err(decided)
    );
    let unknown = Command::DecideGate {
        gate_id: GateId::from_static("x.1.y"),
        round: None,
        decision: decision(Verdict::Approve, None),
    };
    assert_eq!(
        decide(&state, unknown),
        Err(Refusal::NoGate(GateId::from_static("x.1.y")))
    );
}

#[test]
fn a_gate_opens_again_only_in_a_later_round() {
    let (state, gate_id) = at_gate();
    let mut gate = state.gates[&gate_id].clone();
    let open = |gate: &Gate| Command::OpenGate {
        gate_id: gate_id.clone(),
        gate: gate.clone(),
    };
    assert_eq!(
        decide(&state, open(&gate)),
        Ok(Vec::new()),
        "the same round again changes nothing"
    );
    gate.round = 2;
    assert_eq!(decide(&state, open(&gate)).unwrap().len(), 1);
}

#[test]
fn a_gate_that_a_policy_decides_frees_no_slot() {
    for (gates, allocated) in [
        (GatePolicy::Person, 2),
        (
            GatePolicy::Approve {
                policy: "demo".into(),
            },
            1,
        ),
    ] {
        let mut commands = Vec::new();
        for slug in ["a", "b"] {
            let mut command = create(slug, 1, 1);
            if let Command::CreateStartup { plan, .. } = &mut command {
                plan.gates = gates.clone();
            }
            commands.push(command);
        }
        commands.push(allocate(2000, 1, 3000..3010));
        let slug = Slug::from_static("a");
        commands.push(Command::BeginRun { slug: slug.clone() });
        let mut state = after(commands);
        assert_eq!(ports(&state).len(), 1);
        let gate = Gate {
            name: "niche_validation".into(),
            phase: "research".into(),
            round: 1,
            question: "Is it worth building?".into(),
            artifacts: Vec::new(),
            decision: None,
        };
        let gate_id = GateId::of(&slug.run(1), "niche_validation");
        for command in [
            Command::OpenGate { gate_id, gate },
            allocate(2000, 1, 3000..3010),
        ] {
            for event in decide(&state, command).unwrap() {
                apply(&mut state, &event);
            }
        }
        assert_eq!(ports(&state).len(), allocated, "{gates:?}");
    }
}
