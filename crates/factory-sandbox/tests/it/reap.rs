//! A factory is killed with `kill -9` while it runs something, and the next one cleans up.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use factory_core::process::{Daemons as _, ProcessIdentity};
use factory_sandbox::{Sandbox, reap};

use crate::support::{pid_in, runs, shell, wait_until};

/// Tells the test that it is the factory to be killed, and where it works.
const VICTIM_DIR: &str = "FACTORY_SANDBOX_TEST_VICTIM_DIR";

/// A factory that does not survive its test, even if that fails.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn after_kill_9_of_the_factory_nothing_survives_the_next_start_but_detached_processes() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts itself as its own victim"
    )]
    if let Ok(dir) = env::var(VICTIM_DIR) {
        return be_the_factory(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let logs = dir.path().join("logs/deep");
    std::fs::create_dir_all(&logs).unwrap();
    let name =
        "reap::after_kill_9_of_the_factory_nothing_survives_the_next_start_but_detached_processes";
    let victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(VICTIM_DIR, &logs)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let factory = Victim(victim);
    let leader = pid_in(&logs.join("leader"));
    let children = ["child", "away"].map(|name| pid_in(&logs.join(name)));
    let detached = pid_in(&logs.join("detached"));
    let record = logs.join("run.log.pid");
    wait_until("the stray is recorded", || {
        std::fs::read_to_string(&record).is_ok_and(|text| text.contains("stray"))
    });

    assert_eq!(reap(dir.path()).unwrap(), [], "its factory still lives");
    drop(factory);

    wait_until("the kernel has killed the leader", || !runs(leader));
    assert!(
        children.into_iter().all(runs),
        "the kernel kills only the direct child"
    );
    let reaped = reap(dir.path()).unwrap();
    assert_eq!(reaped.len(), 1);
    assert_eq!(reaped[0].log, logs.join("run.log"));
    assert_eq!(reaped[0].pid, leader.unsigned_abs());
    assert!(reaped[0].killed_count >= 2, "{reaped:?}");
    assert!(!children.into_iter().any(runs));
    assert!(!record.exists());
    assert!(runs(detached));
    let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    Sandbox.stop(&ProcessIdentity {
        pid: detached.unsigned_abs(),
        start_time: start_time(detached),
        boot_id: boot_id.trim().to_owned(),
    });
}

fn be_the_factory(dir: &Path) {
    let mut detached = shell("echo $$ > detached; sleep 100; true").spec;
    detached.dir = dir.into();
    detached.log = dir.join("detached.log");
    Sandbox::new().spawn_detached(&detached).unwrap();
    let script = "sh -c 'echo $$ > child; sleep 100; true' & \
                  setsid sh -c 'echo $$ > away; sleep 100; true' & \
                  echo $$ > leader; sleep 100; true";
    let mut place = shell(script);
    place.spec.dir = dir.into();
    place.spec.log = dir.join("run.log");
    place.run().unwrap();
}

fn start_time(pid: i32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields = stat.rsplit_once(')').unwrap().1;
    fields
        .split_ascii_whitespace()
        .nth(19)
        .unwrap()
        .parse()
        .unwrap()
}
