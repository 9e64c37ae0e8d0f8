//! The whole process tree ends with its run, however it tries to get away.

use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use factory_core::process::{Exit, ProcessRunner as _};
use factory_sandbox::Sandbox;

use crate::support::{runs, shell, wait_until};

#[test]
fn a_timeout_kills_grandchildren_that_were_forked_twice() {
    let mut place = shell("(sh -c 'echo $$ > orphan; exec sleep 100' &) ; sleep 100");
    place.spec.limits.wall_clock = Duration::from_millis(1500);
    let finished = place.run().unwrap();
    assert_eq!(finished.exit, Exit::TimedOut);
    assert!(finished.usage.wall_clock >= Duration::from_millis(1500));
    assert!(!runs(place.pid_in("orphan")));
}

#[test]
fn a_timeout_kills_descendants_in_other_sessions() {
    let mut place = shell("setsid sh -c 'echo $$ > away; sleep 100; true' & sleep 100");
    place.spec.limits.wall_clock = Duration::from_millis(1500);
    assert_eq!(place.run().unwrap().exit, Exit::TimedOut);
    assert!(!runs(place.pid_in("away")));
}

#[test]
fn a_background_process_does_not_outlive_the_direct_child() {
    let place = shell("sleep 100 & echo $! > rest; exit 4");
    let finished = place.run().unwrap();
    assert_eq!(finished.exit, Exit::Code { code: 4 });
    assert!(finished.usage.wall_clock < Duration::from_secs(5));
    assert!(!runs(place.pid_in("rest")));
}

// Its parent ends at once, so no look at the process table ever sees whose child it was.
#[test]
fn a_daemon_that_left_at_once_is_found_by_the_log_it_holds() {
    let place = shell(
        "setsid -f sh -c 'echo $$ > daemon; sleep 100; true'; while ! [ -s daemon ]; do :; done",
    );
    assert_eq!(place.run().unwrap().exit, Exit::Code { code: 0 });
    assert!(!runs(place.pid_in("daemon")));
}

#[test]
fn words_of_a_descendant_right_after_the_end_are_kept() {
    let place = shell("(sleep 0.01; echo late) & exit 0");
    place.run().unwrap();
    assert_eq!(place.log(), "late\n");
}

#[test]
fn a_tree_that_uses_too_much_memory_together_is_killed() {
    // Each of the three stays below the limit.
    let hog = "python3 -c 'b = bytearray(40 << 20); import time; time.sleep(60)'";
    let mut place = shell(&format!("{hog} & {hog} & {hog} & wait"));
    place.spec.limits.memory_mib = 100;
    let finished = place.run().unwrap();
    assert_eq!(finished.exit, Exit::OutOfMemory);
    assert!(finished.usage.memory_mib_peak > 100, "{:?}", finished.usage);
    assert!(finished.usage.wall_clock < Duration::from_secs(20));
}

#[test]
fn the_peak_of_memory_is_measured() {
    let place = shell("python3 -c 'b = bytearray(64 << 20); import time; time.sleep(0.4)'");
    let finished = place.run().unwrap();
    assert_eq!(finished.exit, Exit::Code { code: 0 });
    let peak = finished.usage.memory_mib_peak;
    assert!((64..256).contains(&peak), "{peak} MiB");
}

#[test]
fn dropping_the_future_kills_the_tree() {
    let place = shell("sh -c 'echo $$ > child; sleep 100; true'; true");
    let sandbox = Sandbox::new();
    let mut future = sandbox.run(&place.spec);
    assert!(
        Pin::new(&mut future)
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    let child = place.pid_in("child");
    assert!(runs(child));
    drop(future);
    wait_until("the child is gone", || !runs(child));
    let record = place.dir.path().join("run.log.pid");
    wait_until("the record is gone", || !record.exists());
}

// The parent-death signal follows the thread that forked: it must not be one of ours.
#[test]
fn a_run_outlives_the_thread_that_polled_it_first() {
    let place = shell("sleep 0.3; echo alive");
    let spec = place.spec.clone();
    let mut future = Box::pin(async move { Sandbox::new().run(&spec).await });
    let future = thread::spawn(move || {
        let poll = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        future
    });
    let finished = crate::support::block_on(future.join().unwrap()).unwrap();
    assert_eq!(finished.exit, Exit::Code { code: 0 });
    assert_eq!(place.log(), "alive\n");
}
