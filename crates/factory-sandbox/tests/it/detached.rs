//! Processes that outlive their factory, and their end.

use std::time::Duration;

use factory_core::process::{Daemons as _, Exit, ProcessIdentity, Stopped};
use factory_sandbox::Sandbox;

use crate::support::{runs, shell, wait_until};

#[test]
fn a_detached_process_runs_until_it_is_stopped_with_its_children() {
    let mut place = shell("sleep 100 & echo $! > child; echo started; wait");
    place.spec.limits.wall_clock = Duration::from_millis(1);
    let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
    let child = place.pid_in("child");
    assert!(Sandbox.is_alive(&running));
    wait_until("it has printed", || place.log() == "started\n");
    assert_eq!(Sandbox.stop(&running), Stopped::Terminated);
    assert!(!Sandbox.is_alive(&running));
    assert!(!runs(child));
    assert_eq!(Sandbox.stop(&running), Stopped::WasNotRunning);
}

#[test]
fn a_detached_process_that_ignores_the_request_is_killed() {
    let place = shell("trap '' TERM; echo $$ > ready; while true; do sleep 1; done");
    let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
    assert_eq!(place.pid_in("ready").unsigned_abs(), running.pid);
    assert_eq!(Sandbox.stop(&running), Stopped::Killed);
    assert!(!Sandbox.is_alive(&running));
}

#[test]
fn a_later_process_of_the_same_number_is_not_touched() {
    let place = shell("echo $$ > ready; sleep 100; true");
    let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
    place.pid_in("ready");
    let later = ProcessIdentity {
        start_time: running.start_time - 1,
        ..running.clone()
    };
    let other_boot = ProcessIdentity {
        pid: running.pid,
        start_time: running.start_time,
        boot_id: "another".to_owned(),
    };
    for other in [later, other_boot] {
        assert!(!Sandbox.is_alive(&other));
        assert_eq!(Sandbox.stop(&other), Stopped::WasNotRunning);
    }
    assert!(Sandbox.is_alive(&running));
    Sandbox.stop(&running);
}

#[test]
fn what_a_dead_leader_left_behind_is_stopped_too() {
    let place = shell("sleep 100 & echo $! > child; exit 0");
    let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
    let child = place.pid_in("child");
    wait_until("the leader has ended", || !Sandbox.is_alive(&running));
    assert!(runs(child));
    assert_eq!(Sandbox.stop(&running), Stopped::Terminated);
    assert!(!runs(child));
}

#[test]
fn whoever_started_a_detached_process_is_told_how_it_ended() {
    for (script, exit) in [
        ("exit 3", Exit::Code { code: 3 }),
        ("kill -USR1 $$; sleep 100", Exit::Signal { signal: 10 }),
    ] {
        let place = shell(script);
        let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
        wait_until("it has ended", || !Sandbox.is_alive(&running));
        assert_eq!(Sandbox.exit_of(&running), Some(exit), "{script}");
    }
    let place = shell("sleep 100; true");
    let running = Sandbox::new().spawn_detached(&place.spec).unwrap();
    assert_eq!(Sandbox.exit_of(&running), None, "it lives");
    Sandbox.stop(&running);
    let stranger = ProcessIdentity {
        start_time: running.start_time + 1,
        ..running
    };
    assert_eq!(Sandbox.exit_of(&stranger), None);
}
