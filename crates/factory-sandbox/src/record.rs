//! Records running processes on disk, and kills those that a crashed factory left behind.
//!
//! While a run is alive, the file `<log>.pid` is beside its log. When the factory dies, the kernel kills the direct
//! child, but not its descendants, so the next start calls [`reap`].

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::tree::{self, Identity, Tree};

const MAGIC: &str = "factory-process 1";
/// How deep folders are searched; logs are never this deep.
const DEPTH_MAX: usize = 8;

/// The file beside the log; removed when dropped.
#[derive(Debug)]
pub(crate) struct Record {
    path: PathBuf,
    root: Identity,
}

impl Record {
    /// Records that `root` runs for us.
    pub(crate) fn create(log: &Path, root: Identity) -> Self {
        let mut name = OsString::from(log);
        name.push(".pid");
        let record = Self {
            path: name.into(),
            root,
        };
        record.update(&[]);
        record
    }

    /// Records the members that left the session, too. If this fails the run continues: a missing record only
    /// matters if the factory dies as well.
    pub(crate) fn update(&self, strays: &[Identity]) {
        let content = Content {
            boot: boot_id(),
            owner: own(),
            root: self.root,
            strays: strays.into(),
        };
        let draft = self.path.with_extension("pid.new");
        let written = fs::write(&draft, content.to_text());
        if let Err(error) = written.and_then(|()| fs::rename(&draft, &self.path)) {
            tracing::warn!(path = %self.path.display(), %error, "process record not written");
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "process record not removed");
        }
    }
}

/// A run whose factory is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaped {
    /// The log of the run.
    pub log: PathBuf,
    /// The process that led the run.
    pub pid: u32,
    /// Number of its processes that were still alive and were killed.
    pub killed_count: usize,
}

/// Kills the remaining processes of the runs recorded below `dir`, and removes the records.
///
/// Runs of a factory that is still alive are left alone, so this may be called at any time. A missing folder
/// counts as empty. Blocks until the processes are gone.
///
/// # Errors
/// When `dir` cannot be read.
pub fn reap(dir: &Path) -> io::Result<Vec<Reaped>> {
    let mut reaped = Vec::new();
    let mut records = Vec::new();
    find_records(dir, DEPTH_MAX, &mut records)?;
    records.sort_unstable();
    for path in records {
        let Some(content) = fs::read_to_string(&path)
            .ok()
            .and_then(|text| Content::parse(&text))
        else {
            continue; // Not a file of ours.
        };
        if content.boot == boot_id() && is_alive(content.owner) {
            continue;
        }
        // No process survives a reboot, and after one the ids belong to other processes.
        let killed_count = if content.boot == boot_id() {
            Tree::new(content.root, content.strays).kill()
        } else {
            0
        };
        fs::remove_file(&path)?;
        let pid = content.root.pid.unsigned_abs();
        reaped.push(Reaped {
            log: path.with_extension(""),
            pid,
            killed_count,
        });
    }
    Ok(reaped)
}

fn find_records(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() && depth > 0 {
            find_records(&path, depth - 1, found)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "pid") {
            found.push(path);
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
struct Content {
    boot: String,
    owner: Identity,
    root: Identity,
    strays: Vec<Identity>,
}

impl Content {
    fn to_text(&self) -> String {
        let line = |word, id: &Identity| format!("{word} {} {}\n", id.pid, id.start_time);
        let mut text = format!("{MAGIC}\nboot {}\n", self.boot);
        text += &line("owner", &self.owner);
        text += &line("leader", &self.root);
        text.extend(self.strays.iter().map(|stray| line("stray", stray)));
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_prefix(MAGIC)?.strip_prefix('\n')?.lines();
        let boot = lines.next()?.strip_prefix("boot ")?.to_owned();
        let mut identity = |word| {
            let mut parts = lines.next()?.split(' ');
            if parts.next()? != word {
                return None;
            }
            let pid = parts.next()?.parse().ok()?;
            Some(Identity {
                pid,
                start_time: parts.next()?.parse().ok()?,
            })
        };
        let (owner, root) = (identity("owner")?, identity("leader")?);
        let strays = std::iter::from_fn(|| identity("stray")).collect();
        Some(Self {
            boot,
            owner,
            root,
            strays,
        })
    }
}

fn own() -> Identity {
    let pid = rustix::process::getpid().as_raw_pid();
    tree::process(pid).map_or(Identity { pid, start_time: 0 }, |process| process.id)
}

fn is_alive(id: Identity) -> bool {
    tree::process(id.pid).is_some_and(|process| process.id == id && !process.is_zombie)
}

// Empty where the system has none; then records are taken to be of this boot.
pub(crate) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        let id = |pid, start_time| Identity { pid, start_time };
        Content {
            boot: "b".into(),
            owner: id(1, 2),
            root: id(3, 4),
            strays: vec![id(5, 6), id(7, 8)],
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        assert_eq!(Content::parse(&content().to_text()), Some(content()));
    }

    #[test]
    fn a_foreign_pid_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("postmaster.pid");
        fs::write(&path, "1\n/var/lib\n").unwrap();
        assert_eq!(reap(dir.path()).unwrap(), []);
        assert!(path.exists());
    }

    #[test]
    fn a_record_from_before_a_restart_kills_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.log.pid");
        fs::write(
            &path,
            Content {
                root: own(),
                ..content()
            }
            .to_text(),
        )
        .unwrap();
        let reaped = Reaped {
            log: dir.path().join("run.log"),
            pid: std::process::id(),
            killed_count: 0,
        };
        assert_eq!(reap(dir.path()).unwrap(), [reaped]);
        assert!(!path.exists());
    }

    #[test]
    fn a_missing_folder_holds_nothing() {
        assert_eq!(reap(Path::new("/nonexistent")).unwrap(), []);
    }
}
