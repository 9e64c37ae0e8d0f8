//! One process: how it ends, what it sees, what it leaves in the log.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use factory_core::process::{Exit, SpawnError};

use crate::support::shell;

#[test]
fn the_exit_code_is_reported() {
    assert_eq!(shell("exit 0").run().unwrap().exit, Exit::Code { code: 0 });
    assert_eq!(shell("exit 7").run().unwrap().exit, Exit::Code { code: 7 });
}

#[test]
fn a_signal_that_we_did_not_send_is_reported() {
    assert_eq!(
        shell("kill -11 $$").run().unwrap().exit,
        Exit::Signal { signal: 11 }
    );
}

#[test]
fn both_outputs_are_in_the_log_in_the_order_they_came() {
    let place = shell("echo one; echo two >&2; echo three");
    place.run().unwrap();
    assert_eq!(place.log(), "one\ntwo\nthree\n");
}

#[test]
fn the_environment_is_exactly_the_given_one() {
    let mut place = shell("");
    place.spec.argv = vec!["env".into()];
    place.spec.env.insert("GREETING".into(), "a = b".into());
    place.run().unwrap();
    assert_eq!(
        place.log(),
        "GREETING=a = b\nPATH=/usr/local/bin:/usr/bin:/bin\n"
    );
}

#[test]
fn standard_input_is_empty() {
    let place = shell("cat; echo end");
    place.run().unwrap();
    assert_eq!(place.log(), "end\n");
}

#[test]
fn the_process_starts_in_its_folder_and_leads_its_own_session() {
    let place = shell("pwd -P; cut -d' ' -f1,5,6 /proc/$$/stat; echo $$ $$ $$");
    place.run().unwrap();
    let log = place.log();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(
        lines[0],
        place.dir.path().canonicalize().unwrap().to_str().unwrap()
    );
    assert_eq!(lines[1], lines[2]);
}

#[test]
fn no_new_privileges_and_no_core_files() {
    let place = shell("grep NoNewPrivs /proc/self/status; ulimit -c");
    place.run().unwrap();
    assert_eq!(place.log(), "NoNewPrivs:\t1\n0\n");
}

#[test]
fn a_program_that_is_not_in_the_given_path_is_not_found() {
    let mut place = shell("");
    for argv in [
        vec!["no-such-program".to_owned()],
        vec!["./sh".to_owned()],
        vec![],
    ] {
        place.spec.argv = argv;
        assert!(
            matches!(place.run(), Err(SpawnError::NotFound { .. })),
            "{:?}",
            place.spec.argv
        );
    }
    place.spec.argv = vec!["sh".into()];
    place.spec.env.clear();
    assert!(matches!(place.run(), Err(SpawnError::NotFound { program }) if program == "sh"));
}

#[test]
fn the_program_is_taken_from_the_given_path() {
    let mut place = shell("");
    let program = place.dir.path().join("hello");
    fs::write(&program, "#!/bin/sh\necho from here, \"$1\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    place.spec.argv = vec!["hello".into(), "you".into()];
    place
        .spec
        .env
        .insert("PATH".into(), place.dir.path().to_str().unwrap().into());
    place.run().unwrap();
    assert_eq!(place.log(), "from here, you\n");
}

#[test]
fn a_missing_working_folder_is_refused_with_its_name() {
    let mut place = shell("true");
    place.spec.dir = "/no/such/folder".into();
    let Err(SpawnError::Refused { program, source }) = place.run() else {
        panic!("not refused")
    };
    assert_eq!(program, "sh");
    assert_eq!(
        source.to_string(),
        "working folder `/no/such/folder` does not exist"
    );
}

#[test]
fn the_log_keeps_its_limit_and_says_so_while_the_process_goes_on() {
    let place = shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; exit 3");
    assert_eq!(place.run().unwrap().exit, Exit::Code { code: 3 });
    let log = place.log();
    assert_eq!(
        log.lines().last().unwrap(),
        "[factory: the log reached its limit of 1 MiB; the rest is dropped]"
    );
    assert_eq!(log.lines().next().unwrap().len(), 1 << 20);
}

#[test]
fn what_is_not_enforced_is_said() {
    let mut place = shell("true");
    let usage = place.run().unwrap().usage;
    assert_eq!(usage.unenforced, ["network", "writes", "cpu", "disk"]);
    place.spec.network = true;
    assert_eq!(
        place.run().unwrap().usage.unenforced,
        ["writes", "cpu", "disk"]
    );
}

#[test]
fn nothing_but_the_log_is_left_beside_it() {
    let place = shell("true");
    place.run().unwrap();
    let names: Vec<_> = fs::read_dir(place.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["run.log"]);
}
