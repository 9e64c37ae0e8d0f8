//! Says what this machine enforces, for `factory doctor` and for the report of each run. Whoever enforces more
//! changes this file, too.

use factory_core::process::ProcessSpec;

use crate::tree;

/// One limit and how far it holds here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// The limit: one of `wall_clock`, `memory`, `log`, `privileges`, `cpu`, `disk`, `network`, `writes`.
    pub name: &'static str,
    /// How far it holds.
    pub state: State,
    /// How, for a person to read.
    pub detail: String,
}

/// How far a limit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It cannot be exceeded.
    Enforced,
    /// It is checked periodically; a process that exceeds it is killed.
    Watched,
    /// Nothing enforces it.
    NotEnforced,
}

/// What is enforced here for a supervised run.
pub fn probe() -> Vec<Capability> {
    let capability = |name, state, detail: &str| Capability {
        name,
        state,
        detail: detail.to_owned(),
    };
    let mut list = vec![
        capability(
            "wall_clock",
            State::Enforced,
            "the whole process tree is killed",
        ),
        capability("log", State::Enforced, "output beyond the limit is dropped"),
        if can_watch_memory() {
            let detail = "resident memory of the process tree, read from /proc every 100 ms; \
                          shared pages count once per process";
            capability("memory", State::Watched, detail)
        } else {
            capability(
                "memory",
                State::NotEnforced,
                "this system has no /proc to read it from",
            )
        },
    ];
    list.push(if cfg!(target_os = "linux") {
        capability(
            "privileges",
            State::Enforced,
            "no_new_privs: setuid programs gain no privileges",
        )
    } else {
        capability("privileges", State::NotEnforced, "no_new_privs needs Linux")
    });
    list.extend([
        capability("cpu", State::NotEnforced, "cgroups are not used yet"),
        capability(
            "disk",
            State::NotEnforced,
            "only the size of a single file is limited, to 16 GB",
        ),
        capability(
            "network",
            State::NotEnforced,
            "processes can reach whatever this machine can reach",
        ),
        capability(
            "writes",
            State::NotEnforced,
            "processes can write whatever this user can write",
        ),
    ]);
    list
}

/// The names of the limits of `spec` that nothing enforces.
pub(crate) fn unenforced(spec: &ProcessSpec) -> Vec<String> {
    let mut names = Vec::new();
    if !spec.network {
        names.push("network".to_owned());
    }
    names.extend(["writes", "cpu", "disk"].map(str::to_owned));
    if !can_watch_memory() {
        names.push("memory".to_owned());
    }
    names
}

fn can_watch_memory() -> bool {
    cfg!(target_os = "linux")
        && tree::process(rustix::process::getpid().as_raw_pid())
            .is_some_and(|process| process.resident_pages > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_reports_as_unenforced_is_what_the_probe_says() {
        let spec = ProcessSpec {
            argv: vec!["true".into()],
            dir: "/".into(),
            env: std::collections::BTreeMap::default(),
            limits: factory_core::process::Limits {
                wall_clock: std::time::Duration::from_secs(1),
                memory_mib: 1,
                log_mib: 1,
            },
            log: "/dev/null".into(),
            network: false,
        };
        let mut said = unenforced(&spec);
        said.sort_unstable();
        let mut probed: Vec<_> = probe()
            .into_iter()
            .filter(|c| c.state == State::NotEnforced)
            .map(|c| c.name)
            .collect();
        probed.sort_unstable();
        assert_eq!(said, probed);
    }
}
