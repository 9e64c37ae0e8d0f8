//! Supervises one run, on one thread, from its start until none of its processes is left.

use std::fs;
use std::io::{self, PipeReader, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use factory_core::process::{Exit, Finished, Limits, ProcessSpec, SpawnError, Usage};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, waitid};

use crate::log::BoundedLog;
use crate::record::Record;
use crate::spawner::{self, Lifetime};
use crate::time::{self, now};
use crate::tree::{self, Identity, Snapshot, Tree};
use crate::{lookup, probe};

/// Time between two samples of the memory of the tree.
const SAMPLE_PERIOD: Duration = Duration::from_millis(100);
/// The first sample is earlier, so that short runs have a peak, too.
const SAMPLE_FIRST: Duration = Duration::from_millis(20);
/// On a machine with very many processes a sample costs more, so samples are less frequent, …
const SAMPLE_COST_SHARE: u32 = 20;
/// … but at least this frequent.
const SAMPLE_PERIOD_MAX: Duration = Duration::from_secs(1);
/// How long descendants may still print after the direct child has ended.
const LINGER: Duration = Duration::from_millis(250);
/// How long the kernel may take to close the pipe and to reap killed processes.
const CLEANUP_PATIENCE: Duration = Duration::from_secs(2);

/// The command of `spec`, with outputs still to be set.
pub(crate) fn command(spec: &ProcessSpec) -> Result<Command, SpawnError> {
    if !spec.dir.is_dir() {
        let problem = format!("working folder `{}` does not exist", spec.dir.display());
        return Err(refused(
            spec,
            io::Error::new(io::ErrorKind::NotFound, problem),
        ));
    }
    let mut command = Command::new(lookup::program(spec)?);
    std::os::unix::process::CommandExt::arg0(&mut command, program_name(spec));
    command
        .args(spec.argv.iter().skip(1))
        .env_clear()
        .envs(&spec.env)
        .current_dir(&spec.dir);
    command.stdin(Stdio::null());
    Ok(command)
}

/// The error of a system that refuses to start `spec`.
pub(crate) fn refused(spec: &ProcessSpec, source: io::Error) -> SpawnError {
    SpawnError::Refused {
        program: program_name(spec).to_owned(),
        source,
    }
}

fn program_name(spec: &ProcessSpec) -> &str {
    spec.argv.first().map_or("", String::as_str)
}

/// Runs `spec` to its end. The run is cancelled when the other end of `cancel` closes.
pub(crate) fn run(spec: &ProcessSpec, cancel: &PipeReader) -> Result<Finished, SpawnError> {
    let command = command(spec)?;
    let mut run = Run::start(spec, command).map_err(|source| refused(spec, source))?;
    let ended = run.watch(&spec.limits, cancel);
    if ended == Ended::ByItself {
        run.drain(LINGER);
    }
    run.kill();
    let exit = match ended {
        Ended::ByItself => run.exit(),
        Ended::TimedOut => Exit::TimedOut,
        Ended::OutOfMemory => Exit::OutOfMemory,
        Ended::Cancelled => Exit::Cancelled,
    };
    let usage = Usage {
        wall_clock: run.started_at.elapsed(),
        memory_mib_peak: run.bytes_peak.div_ceil(1 << 20),
        unenforced: probe::unenforced(spec),
    };
    tracing::debug!(program = program_name(spec), ?exit, "process ended");
    Ok(Finished { exit, usage })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    ByItself,
    TimedOut,
    OutOfMemory,
    Cancelled,
}

#[derive(Debug)]
struct Run {
    /// Reaped last: until then its id cannot belong to another process.
    child: Child,
    tree: Tree,
    record: Record,
    /// The output of the tree; `None` once no process can write to it.
    output: Option<PipeReader>,
    log: BoundedLog,
    started_at: Instant,
    sample_due_at: Instant,
    bytes_peak: u64,
}

/// What an exit status says.
pub(crate) fn how_it_ended(status: ExitStatus) -> Exit {
    match status.code() {
        Some(code) => Exit::Code { code },
        None => Exit::Signal {
            signal: status.signal().unwrap_or_default(),
        },
    }
}

impl Run {
    fn start(spec: &ProcessSpec, mut command: Command) -> io::Result<Self> {
        let log = BoundedLog::create(&spec.log, spec.limits.log_mib)?;
        let (output, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?).stderr(writer);
        let started_at = now();
        let child = spawner::spawn(command, Lifetime::Bound)?;
        let root = identity(&child);
        prefer_for_oom_killer(root.pid);
        let record = Record::create(&spec.log, root);
        Ok(Self {
            child,
            tree: Tree::new(root, []),
            record,
            output: Some(output),
            log,
            started_at,
            sample_due_at: started_at + SAMPLE_FIRST,
            bytes_peak: 0,
        })
    }

    /// Watches the run until the direct child has ended or must be ended.
    fn watch(&mut self, limits: &Limits, cancel: &PipeReader) -> Ended {
        // A limit beyond what the clock can represent is not a limit.
        let deadline = self.started_at.checked_add(limits.wall_clock);
        let memory_bytes = limits.memory_mib.saturating_mul(1 << 20);
        let mut nap = Duration::from_millis(1);
        loop {
            if self.child_has_ended() {
                return Ended::ByItself;
            }
            let time = now();
            if deadline.is_some_and(|deadline| time >= deadline) {
                return Ended::TimedOut;
            }
            if time >= self.sample_due_at && self.sample() > memory_bytes {
                return Ended::OutOfMemory;
            }
            let mut wait = self.sample_due_at.saturating_duration_since(time);
            if let Some(deadline) = deadline {
                wait = wait.min(deadline.saturating_duration_since(time));
            }
            if self.output.is_none() {
                // Nothing wakes us when the child ends, and it will probably end soon.
                wait = wait.min(nap);
                nap = (nap * 2).min(SAMPLE_PERIOD / 2);
            }
            if self.wait(Some(cancel), wait) {
                return Ended::Cancelled;
            }
        }
    }

    fn child_has_ended(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // An error means that the child is gone.
        !matches!(
            waitid(WaitId::Pid(Pid::from_child(&self.child)), look),
            Ok(None)
        )
    }

    /// Samples the tree and returns its memory in bytes.
    fn sample(&mut self) -> u64 {
        let snapshot = Snapshot::recent();
        let known = self.tree.strays().len();
        let bytes = tree::resident_bytes(&self.tree.observe(&snapshot.processes));
        let strays = self.tree.strays();
        if strays.len() != known {
            self.record.update(&strays);
        }
        self.bytes_peak = self.bytes_peak.max(bytes);
        let period = (snapshot.cost * SAMPLE_COST_SHARE).clamp(SAMPLE_PERIOD, SAMPLE_PERIOD_MAX);
        self.sample_due_at = now() + period;
        bytes
    }

    /// Waits up to `time` for output, which it logs, or for `cancel`, for which it returns `true`.
    fn wait(&mut self, cancel: Option<&PipeReader>, time: Duration) -> bool {
        let mut fds = Vec::with_capacity(2);
        let cancel = cancel.map(|pipe| pipe.as_fd());
        fds.extend(cancel.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let output = self.output.as_ref().map(|pipe| pipe.as_fd());
        fds.extend(output.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        let seconds = time.as_secs().try_into().unwrap_or(i64::MAX);
        let timeout = Timespec {
            tv_sec: seconds,
            tv_nsec: time.subsec_nanos().into(),
        };
        let ready = poll(&mut fds, Some(&timeout)).is_ok_and(|count| count > 0);
        let is_ready = |index: usize| fds.get(index).is_some_and(|fd| !fd.revents().is_empty());
        let cancelled = ready && cancel.is_some() && is_ready(0);
        if ready && output.is_some() && is_ready(usize::from(cancel.is_some())) {
            self.read_output();
        }
        cancelled
    }

    fn read_output(&mut self) {
        let mut buffer = [0; 16384];
        let Some(output) = self.output.as_mut() else {
            return;
        };
        match output.read(&mut buffer) {
            Ok(0) => self.output = None,
            Ok(count) => self.log.append(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                tracing::warn!(%error, "output read failed, the rest is lost");
                self.output = None;
            }
        }
    }

    /// Logs until no process can write any more, for at most `patience`.
    fn drain(&mut self, patience: Duration) {
        let deadline = now() + patience;
        while self.output.is_some() {
            let left = deadline.saturating_duration_since(now());
            if left.is_zero() {
                return;
            }
            self.wait(None, left);
        }
    }

    /// Kills the whole tree, then whatever still holds our output: that finds a process that left the session between
    /// two samples.
    fn kill(&mut self) {
        tree::signal_group(identity(&self.child).pid, Signal::KILL);
        self.tree.kill();
        self.drain(LINGER);
        if let Some(output) = &self.output {
            for writer in pipe_writers(output) {
                Tree::new(writer, [writer]).kill();
            }
        }
        self.drain(CLEANUP_PATIENCE);
    }

    /// Reaps the direct child and returns how it ended.
    fn exit(&mut self) -> Exit {
        match self.child.wait() {
            Ok(status) => how_it_ended(status),
            Err(error) => {
                tracing::warn!(%error, "exit status lost");
                Exit::Signal {
                    signal: Signal::KILL.as_raw(),
                }
            }
        }
    }
}

impl Drop for Run {
    // A killed child must be reaped, but one that is stuck in the kernel must not block us forever.
    fn drop(&mut self) {
        let deadline = now() + CLEANUP_PATIENCE;
        while matches!(self.child.try_wait(), Ok(None)) && now() < deadline {
            time::sleep(Duration::from_millis(1));
        }
    }
}

/// Id and start time of a child that has not been reaped yet.
pub(crate) fn identity(child: &Child) -> Identity {
    let pid = Pid::from_child(child).as_raw_pid();
    tree::process(pid).map_or(Identity { pid, start_time: 0 }, |process| process.id)
}

// When the machine runs out of memory, a run is killed before the factory is.
fn prefer_for_oom_killer(pid: i32) {
    if let Err(error) = fs::write(format!("/proc/{pid}/oom_score_adj"), "500") {
        tracing::debug!(pid, %error, "oom score not set");
    }
}

/// The processes other than this one that hold the writing end of the pipe.
fn pipe_writers(pipe: &PipeReader) -> Vec<Identity> {
    use std::os::fd::AsRawFd as _;
    let Ok(name) = fs::read_link(format!("/proc/self/fd/{}", pipe.as_raw_fd())) else {
        return Vec::new();
    };
    let own = rustix::process::getpid().as_raw_pid();
    let snapshot = Snapshot::take();
    let others = snapshot
        .processes
        .iter()
        .filter(|process| process.id.pid != own);
    let writes = |pid: i32| {
        let Ok(fds) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            return false;
        };
        fds.flatten().any(|fd| {
            fs::read_link(fd.path()).is_ok_and(|target| target == name)
                && fs::read_to_string(format!("/proc/{pid}/fdinfo/{}", fd.file_name().display()))
                    .is_ok_and(|info| opened_for_writing(&info))
        })
    };
    others
        .filter(|process| writes(process.id.pid))
        .map(|process| process.id)
        .collect()
}

// The last octal digit of `flags:` holds the access mode: 0 reads, 1 writes, 2 both.
fn opened_for_writing(fdinfo: &str) -> bool {
    let flags = fdinfo.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.is_some_and(|flags| flags.trim().ends_with(['1', '2']))
}
