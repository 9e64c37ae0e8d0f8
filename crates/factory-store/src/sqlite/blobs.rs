//! Content-addressed files: `blobs/ab/cdef…`, the name is the SHA-256 of the bytes.
//!
//! A file is written under a temporary name, synced and renamed, so a name never refers to half a file; its
//! content is checked against its name on every read. It is synced whatever the durability: an event must not
//! outlive the bytes that it names.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use factory_core::id::BlobId;
use factory_core::port::StoreError;

use super::fault;

/// The name of the folder of blobs, beside the database.
pub(super) const BLOBS: &str = "blobs";

/// Folder of files that do not have their final name yet.
pub(super) const UNFINISHED: &str = "unfinished";

/// Keeps the temporary names of concurrent writers in this process apart.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A folder of content-addressed files.
#[derive(Debug, Clone)]
pub(super) struct BlobFolder {
    root: PathBuf,
}

impl BlobFolder {
    /// Creates the folder if it is missing, and removes the unfinished files of dead processes.
    pub(super) fn open(root: PathBuf) -> io::Result<Self> {
        let unfinished = root.join(UNFINISHED);
        fs::create_dir_all(&unfinished)?;
        for entry in fs::read_dir(&unfinished)? {
            let entry = entry?;
            if is_left_behind(&entry.file_name()) {
                fs::remove_file(entry.path())?;
            }
        }
        sync_folder(&root)?;
        Ok(Self { root })
    }

    /// Stores bytes durably.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<BlobId, StoreError> {
        let id = BlobId::of(bytes);
        let failed = || fault::io(format!("store blob {id}"));
        let (folder, path) = self.place(&id).ok_or_else(|| StoreError::Corrupt {
            what: format!("blob {id}"),
            problem: "not a SHA-256".to_owned(),
        })?;
        // A file of a different length was left by a failing disk; it is rewritten.
        let is_there = fs::metadata(&path).is_ok_and(|file| file.len() == bytes.len() as u64);
        if !is_there {
            self.write(bytes, &id, &folder, &path).map_err(failed())?;
        }
        // Even if the file existed: its writer may have died before this step.
        sync_folder(&folder).map_err(failed())?;
        Ok(id)
    }

    /// Reads bytes and verifies their hash.
    pub(super) fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((_, path)) = self.place(id) else {
            return Ok(None);
        };
        match fs::read(path) {
            Ok(bytes) if BlobId::of(&bytes) == *id => Ok(Some(bytes)),
            Ok(bytes) => Err(StoreError::Corrupt {
                what: format!("blob {id}"),
                problem: format!("its {} bytes have a different hash", bytes.len()),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault::io(format!("read blob {id}"))(error)),
        }
    }

    /// Copies every blob to another folder, which must be empty.
    pub(super) fn copy_to(&self, target: &Path) -> io::Result<()> {
        fs::create_dir_all(target)?;
        for entry in fs::read_dir(&self.root)? {
            let folder = entry?;
            if folder.file_name() == UNFINISHED {
                continue;
            }
            let copies = target.join(folder.file_name());
            fs::create_dir_all(&copies)?;
            for blob in fs::read_dir(folder.path())? {
                let blob = blob?;
                let copy = copies.join(blob.file_name());
                fs::copy(blob.path(), &copy)?;
                File::open(copy)?.sync_all()?;
            }
            sync_folder(&copies)?;
        }
        sync_folder(target)
    }

    fn write(&self, bytes: &[u8], id: &BlobId, folder: &Path, path: &Path) -> io::Result<()> {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{count}-{id}", process::id());
        let unfinished = self.root.join(UNFINISHED).join(name);
        let written = (|| {
            let mut file = File::create_new(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            if !folder.is_dir() {
                fs::create_dir_all(folder)?;
                sync_folder(&self.root)?;
            }
            fs::rename(&unfinished, path)
        })();
        if written.is_err() {
            // The first error is the one to report.
            drop(fs::remove_file(&unfinished));
        }
        written
    }

    /// Folder and file of a blob; `None` if the id is not a SHA-256, and therefore never one of ours.
    fn place(&self, id: &BlobId) -> Option<(PathBuf, PathBuf)> {
        let text = id.as_str();
        let is_hash = text.len() == 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let (folder, file) = if is_hash {
            text.split_at_checked(2)?
        } else {
            return None;
        };
        let folder = self.root.join(folder);
        let path = folder.join(file);
        Some((folder, path))
    }
}

/// Makes the file names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Whether the process that wrote this unfinished file is gone.
fn is_left_behind(name: &OsStr) -> bool {
    let writer = name
        .to_str()
        .and_then(|name| name.split_once('-'))
        .map(|(writer, _)| writer);
    writer.is_none_or(|writer| {
        writer != process::id().to_string() && !Path::new("/proc").join(writer).exists()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, BlobFolder) {
        let dir = tempfile::tempdir().unwrap();
        let blobs = BlobFolder::open(dir.path().join("blobs")).unwrap();
        (dir, blobs)
    }

    #[test]
    fn a_damaged_blob_is_noticed_and_a_shortened_one_heals() {
        let (_dir, blobs) = folder();
        let id = blobs.put(b"abc").unwrap();
        let (_, path) = blobs.place(&id).unwrap();
        fs::write(&path, b"abd").unwrap();
        assert!(matches!(blobs.get(&id), Err(StoreError::Corrupt { .. })));
        fs::write(&path, b"").unwrap();
        assert!(matches!(blobs.get(&id), Err(StoreError::Corrupt { .. })));
        blobs.put(b"abc").unwrap();
        assert_eq!(blobs.get(&id).unwrap().unwrap(), b"abc");
    }

    #[test]
    fn an_id_cannot_lead_out_of_the_folder() {
        for id in [
            "../secret",
            "",
            "/etc/passwd",
            &"AB".repeat(32),
            &"./".repeat(32),
        ] {
            assert!(BlobId::parse(id).is_err(), "{id}");
        }
    }

    #[test]
    fn what_a_dead_process_left_is_removed() {
        let (dir, blobs) = folder();
        let unfinished = blobs.root.join(UNFINISHED);
        // Process ids end below 2^22.
        let dead = unfinished.join("99999999-0-abc");
        let ours = unfinished.join(format!("{}-0-abc", process::id()));
        fs::write(&dead, b"").unwrap();
        fs::write(&ours, b"").unwrap();
        BlobFolder::open(dir.path().join("blobs")).unwrap();
        assert!(!dead.exists());
        assert!(ours.exists());
    }
}
