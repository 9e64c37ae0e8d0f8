//! What the copier wrote, so that files nobody touched need not be read again.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;

/// The marks by which a write shows, whatever the file's length and time afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            inode: metadata.ino(),
            size: metadata.size(),
            mode: metadata.mode(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Stamps by path. An empty manifest is right, too: then every file is read.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    stamps: HashMap<String, Stamp>,
    /// Stamps that changed at or after this are in doubt, in nanoseconds since 1970.
    trusted_before_ns: i128,
}

/// Two writes closer than this may carry the same time: several ticks of any kernel's clock.
const DOUBT_NS: i128 = 50_000_000;
/// The same where the file system keeps whole seconds; FAT keeps every second one.
const COARSE_DOUBT_NS: i128 = 3_000_000_000;

impl Manifest {
    /// Trusts the stamps that are old enough.
    ///
    /// `seal` belongs to a file written after all others and before the area is handed out. A later
    /// write is stamped with the seal's time or a later one, so it shows in every trusted stamp.
    pub(super) fn sealed(stamps: Vec<(String, Stamp)>, seal: Stamp) -> Self {
        let doubt = if seal.changed.1 == 0 {
            COARSE_DOUBT_NS
        } else {
            DOUBT_NS
        };
        Self {
            stamps: stamps.into_iter().collect(),
            trusted_before_ns: nanoseconds(seal.changed) - doubt,
        }
    }

    /// Whether the file is certainly as it was written.
    pub(super) fn vouches_for(&self, path: &str, metadata: &Metadata) -> bool {
        self.stamps.get(path).is_some_and(|stamp| {
            *stamp == Stamp::of(metadata) && nanoseconds(stamp.changed) < self.trusted_before_ns
        })
    }

    /// Whether the file looks as it was written; a write right after may not show.
    pub(super) fn knows(&self, path: &str, metadata: &Metadata) -> bool {
        let stamp = self.stamps.get(path);
        stamp.is_some_and(|stamp| *stamp == Stamp::of(metadata))
    }
}

fn nanoseconds((seconds, rest): (i64, i64)) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(rest)
}
