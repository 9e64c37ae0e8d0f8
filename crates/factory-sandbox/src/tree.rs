//! The processes of one run: finding them, measuring them, killing them.
//!
//! A run is a session. A process that leaves the session is found as a descendant while its parent is alive, and
//! remembered from then on. A process is identified by its id *and* its start time, because ids are reused.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::time::{self, now};

/// How long to try to kill a tree. Only a process that is stuck in the kernel survives it.
const KILL_PATIENCE: Duration = Duration::from_secs(5);
/// A snapshot younger than this is shared by all runs.
const SNAPSHOT_AGE_MAX: Duration = Duration::from_millis(50);

/// One process, uniquely until the next boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) pid: i32,
    /// In clock ticks since boot; 0 where the system does not say.
    pub(crate) start_time: u64,
}

/// What the kernel says about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: Identity,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    pub(crate) session: i32,
    pub(crate) resident_pages: u64,
    /// It has ended and only waits to be reaped by its parent.
    pub(crate) is_zombie: bool,
}

/// All processes at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    taken_at: Instant,
    /// How long it took, which bounds how often one is taken.
    pub(crate) cost: Duration,
    pub(crate) processes: Arc<[Process]>,
}

static RECENT: Mutex<Option<Snapshot>> = Mutex::new(None);

impl Snapshot {
    /// Takes a new one.
    pub(crate) fn take() -> Self {
        let taken_at = now();
        let processes = all().into();
        Self {
            taken_at,
            cost: now() - taken_at,
            processes,
        }
    }

    /// One that is at most 50 ms old. All runs share it, so the cost of watching does not grow with their number.
    pub(crate) fn recent() -> Self {
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        match recent.as_ref() {
            Some(snapshot) if snapshot.taken_at.elapsed() < SNAPSHOT_AGE_MAX => snapshot.clone(),
            _ => recent.insert(Self::take()).clone(),
        }
    }
}

/// The processes that belong to one run.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    root: Identity,
    /// Members seen outside the session.
    strays: HashSet<Identity>,
}

impl Tree {
    /// The tree whose session leader is `root`.
    pub(crate) fn new(root: Identity, strays: impl IntoIterator<Item = Identity>) -> Self {
        Self {
            root,
            strays: strays.into_iter().collect(),
        }
    }

    /// Members that left the session, in a fixed order.
    pub(crate) fn strays(&self) -> Vec<Identity> {
        let mut strays: Vec<_> = self.strays.iter().copied().collect();
        strays.sort_unstable();
        strays
    }

    /// The living members among `processes`; remembers those outside the session.
    pub(crate) fn observe(&mut self, processes: &[Process]) -> Vec<Process> {
        let members = self.members(processes);
        let outside = members
            .iter()
            .filter(|member| member.session != self.root.pid);
        self.strays.extend(outside.map(|member| member.id));
        members
    }

    fn members(&self, processes: &[Process]) -> Vec<Process> {
        // While a session has members the kernel does not reuse its id. So the session is ours unless there is a
        // process with that id and a different start time.
        let session_is_ours = processes
            .iter()
            .all(|p| p.id.pid != self.root.pid || p.id == self.root);
        let own = rustix::process::getpid().as_raw_pid();
        let mut children: HashMap<i32, Vec<&Process>> = HashMap::new();
        let mut queue = Vec::new();
        for process in processes.iter().filter(|p| p.id.pid > 1 && p.id.pid != own) {
            children.entry(process.parent).or_default().push(process);
            let in_session = process.session == self.root.pid || process.group == self.root.pid;
            if (session_is_ours && in_session && process.id.start_time >= self.root.start_time)
                || self.strays.contains(&process.id)
            {
                queue.push(process);
            }
        }
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        while let Some(process) = queue.pop() {
            if seen.insert(process.id) {
                queue.extend(children.get(&process.id.pid).into_iter().flatten());
                members.push(*process);
            }
        }
        members.retain(|process| !process.is_zombie);
        members
    }

    /// Kills all members, waits until they are gone, and returns how many there were.
    pub(crate) fn kill(&mut self) -> usize {
        let deadline = now() + KILL_PATIENCE;
        let mut killed = HashSet::new();
        let mut pause = Duration::from_micros(500);
        loop {
            let members = self.observe(&Snapshot::take().processes);
            if members.is_empty() {
                return killed.len();
            }
            if now() >= deadline {
                tracing::warn!(
                    pid = self.root.pid,
                    left = members.len(),
                    "processes survive SIGKILL"
                );
                return killed.len();
            }
            signal(&members, Signal::KILL);
            killed.extend(members.iter().map(|member| member.id));
            time::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// Sends `signal` to all members and returns whether there were any.
    pub(crate) fn signal(&mut self, which: Signal) -> bool {
        let members = self.observe(&Snapshot::take().processes);
        signal(&members, which);
        !members.is_empty()
    }

    /// Whether any member is alive.
    pub(crate) fn is_alive(&mut self) -> bool {
        !self.observe(&Snapshot::take().processes).is_empty()
    }
}

// By group: forking cannot outrun a signal to a group. Groups never span sessions, and every session below the
// root was created by a member, so the group of a member contains only members.
fn signal(members: &[Process], signal: Signal) {
    let groups: HashSet<i32> = members.iter().map(|member| member.group).collect();
    for group in groups {
        signal_group(group, signal);
    }
}

/// Sends `signal` to a whole process group, but never to our own or to all processes.
pub(crate) fn signal_group(group: i32, signal: Signal) {
    let Some(group) = Pid::from_raw(group).filter(|group| !group.is_init()) else {
        return;
    };
    if group == rustix::process::getpgrp() {
        return;
    }
    match rustix::process::kill_process_group(group, signal) {
        Ok(()) | Err(rustix::io::Errno::SRCH) => {}
        Err(error) => tracing::warn!(group = group.as_raw_pid(), %error, "signal refused"),
    }
}

/// Total memory of `members`, in bytes. Shared pages count once for each process.
pub(crate) fn resident_bytes(members: &[Process]) -> u64 {
    let pages: u64 = members.iter().map(|member| member.resident_pages).sum();
    pages * rustix::param::page_size() as u64
}

/// Reads one process; `None` if there is none with this id.
#[cfg(target_os = "linux")]
pub(crate) fn process(pid: i32) -> Option<Process> {
    parse_stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

#[cfg(target_os = "linux")]
fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter_map(|name| process(name.parse().ok()?))
        .collect()
}

// `pid (comm) state ppid pgrp session …`; comm may hold spaces and parentheses. proc_pid_stat(5).
#[cfg(target_os = "linux")]
fn parse_stat(text: &str) -> Option<Process> {
    let (head, tail) = text.rsplit_once(')')?;
    let pid = head.split_once(' ')?.0.parse().ok()?;
    let fields: Vec<&str> = tail.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    Some(Process {
        id: Identity {
            pid,
            start_time: field(22)?.parse().ok()?,
        },
        parent: field(4)?.parse().ok()?,
        group: field(5)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        resident_pages: field(24)?.parse().ok()?,
        is_zombie: matches!(field(3)?, "Z" | "X"),
    })
}

/// Without `/proc` only the process itself is known, without a start time.
#[cfg(not(target_os = "linux"))]
pub(crate) fn process(pid: i32) -> Option<Process> {
    let id = Identity { pid, start_time: 0 };
    rustix::process::test_kill_process(Pid::from_raw(pid)?).ok()?;
    Some(Process {
        id,
        parent: 0,
        group: pid,
        session: pid,
        resident_pages: 0,
        is_zombie: false,
    })
}

#[cfg(not(target_os = "linux"))]
fn all() -> Vec<Process> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32, session: i32, start_time: u64) -> Process {
        let id = Identity { pid, start_time };
        Process {
            id,
            parent,
            group: session,
            session,
            resident_pages: 1,
            is_zombie: false,
        }
    }

    fn pids(tree: &mut Tree, processes: &[Process]) -> Vec<i32> {
        let mut pids: Vec<i32> = tree.observe(processes).iter().map(|p| p.id.pid).collect();
        pids.sort_unstable();
        pids
    }

    fn tree(pid: i32, start_time: u64) -> Tree {
        Tree::new(Identity { pid, start_time }, [])
    }

    #[test]
    fn a_command_name_with_spaces_and_parentheses_is_read() {
        let text = "42 (a) b (c) S 1 7 9 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 5555 1000 33 0";
        let read = parse_stat(text).unwrap();
        assert_eq!(
            (
                read.id,
                read.parent,
                read.group,
                read.session,
                read.resident_pages
            ),
            (
                Identity {
                    pid: 42,
                    start_time: 5555
                },
                1,
                7,
                9,
                33
            )
        );
    }

    #[test]
    fn a_child_that_left_the_session_is_a_member_and_remembered_after_its_parent_died() {
        let mut tree = tree(100, 5);
        let before = [
            process(100, 1, 100, 5),
            process(101, 100, 101, 6),
            process(50, 1, 50, 9),
        ];
        assert_eq!(pids(&mut tree, &before), [100, 101]);
        let after = [
            process(101, 1, 101, 6),
            process(102, 101, 101, 8),
            process(50, 1, 50, 9),
        ];
        assert_eq!(pids(&mut tree, &after), [101, 102]);
    }

    #[test]
    fn a_session_number_that_was_used_again_is_not_ours() {
        let mut tree = tree(100, 5);
        let others = [process(100, 1, 100, 7), process(101, 100, 100, 8)];
        assert!(pids(&mut tree, &others).is_empty());
    }

    #[test]
    fn members_are_found_when_the_leader_is_gone_but_not_older_processes() {
        let mut tree = tree(100, 5);
        assert_eq!(
            pids(
                &mut tree,
                &[process(101, 1, 100, 6), process(99, 1, 100, 4)]
            ),
            [101]
        );
    }

    #[test]
    fn a_zombie_is_no_living_member() {
        let mut zombie = process(100, 1, 100, 5);
        zombie.is_zombie = true;
        assert!(pids(&mut tree(100, 5), &[zombie]).is_empty());
    }
}
