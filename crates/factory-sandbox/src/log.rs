//! The log of one run: a file that stops growing at its limit and says so.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// Receives what a run prints.
#[derive(Debug)]
pub(crate) struct BoundedLog {
    /// `None` once the limit is reached or a write has failed; the rest is dropped.
    file: Option<File>,
    limit_mb: u64,
    bytes_left: u64,
}

impl BoundedLog {
    /// Creates or truncates the file.
    pub(crate) fn create(path: &Path, limit_mb: u64) -> io::Result<Self> {
        let file = File::create(path)?;
        Ok(Self {
            file: Some(file),
            limit_mb,
            bytes_left: limit_mb.saturating_mul(1 << 20),
        })
    }

    /// Keeps as much of `bytes` as the limit allows. The note about the limit is written at once, so that it is
    /// there even if we are killed.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        let Some(file) = self.file.as_mut() else {
            return;
        };
        let left = usize::try_from(self.bytes_left).unwrap_or(usize::MAX);
        let (kept, dropped) = bytes.split_at(left.min(bytes.len()));
        self.bytes_left -= kept.len() as u64;
        let mut written = file.write_all(kept);
        if written.is_ok() && !dropped.is_empty() {
            written = writeln!(
                file,
                "\n[factory: the log reached its limit of {} MiB; the rest is dropped]",
                self.limit_mb
            );
            self.file = None;
        }
        if let Err(error) = written {
            tracing::warn!(%error, "log write failed, the rest of the output is dropped");
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_beyond_the_limit_is_dropped_and_the_last_line_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = BoundedLog::create(&path, 1).unwrap();
        log.append(&vec![b'a'; (1 << 20) - 2]);
        log.append(b"bcde");
        log.append(b"never");
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            &text[(1 << 20) - 3..],
            "abc\n[factory: the log reached its limit of 1 MiB; the rest is dropped]\n"
        );
    }

    #[test]
    fn output_up_to_the_limit_is_kept_without_a_note() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut log = BoundedLog::create(&path, 1).unwrap();
        log.append(&vec![b'a'; 1 << 20]);
        assert_eq!(path.metadata().unwrap().len(), 1 << 20);
    }
}
