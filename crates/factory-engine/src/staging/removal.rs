//! Removal that is never in the way: a folder is renamed aside at once and deleted in the background.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::area::{At as _, StagingError};

/// Begins the name of what waits to be deleted; no area's name begins with a dot.
const REMOVED: &str = ".removed";

/// Counts what this process has renamed aside.
static REMOVALS: AtomicU64 = AtomicU64::new(0);

/// Deletes folders in the background, one after the other.
///
/// What is not deleted, because the process ends before or because somebody still writes into it, is left to
/// [`collect_leftovers`](super::collect_leftovers).
#[derive(Debug, Clone)]
pub(super) struct Remover {
    root: PathBuf,
    /// To the deleting thread, which is started by the first removal and ends with the last clone.
    queue: Arc<Mutex<Option<Sender<Job>>>>,
}

/// What the deleting thread is asked, in order.
#[derive(Debug)]
enum Job {
    /// Delete this folder.
    Delete(PathBuf),
    /// Say that everything before is done.
    Answer(Sender<()>),
}

impl Remover {
    /// `root` must be on the file system of all that is to be removed.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_path_buf(),
            queue: Arc::default(),
        }
    }

    /// Renames `path` aside and has it deleted; it fails only if the rename does.
    pub(super) fn remove(&self, path: &Path) -> Result<(), StagingError> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let aside = loop {
            let number = REMOVALS.fetch_add(1, Ordering::Relaxed);
            let name = format!("{REMOVED}-{}-{number}", std::process::id());
            let aside = self.root.join(name);
            if aside.symlink_metadata().is_err() {
                break aside;
            }
        };
        fs::rename(path, &aside).at("rename", path)?;
        self.enqueue(aside);
        Ok(())
    }

    fn enqueue(&self, path: PathBuf) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = queue.get_or_insert_with(|| {
            let (sender, receiver) = channel::<Job>();
            std::thread::spawn(move || {
                for job in receiver {
                    match job {
                        Job::Delete(path) => delete(&path),
                        // Who asked may have gone.
                        Job::Answer(asker) => drop(asker.send(())),
                    }
                }
            });
            sender
        });
        // Without the thread, the folder is left to the next start.
        drop(sender.send(Job::Delete(path)));
    }

    /// Waits until everything that was removed so far is deleted, or has been given up.
    pub(super) fn wait(&self) {
        let (asker, answer) = channel();
        let asked = {
            let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            let sender = queue.as_ref();
            sender.is_some_and(|sender| sender.send(Job::Answer(asker)).is_ok())
        };
        if asked {
            // A thread that has ended answers nothing: then there is nothing to wait for either.
            answer.recv().unwrap_or_default();
        }
    }
}

fn delete(path: &Path) {
    if let Err(error) = remove_tree(path) {
        let error = factory_core::cause::chain(&error);
        tracing::debug!(error, "a discarded folder stays until the next start");
    }
}

/// Deletes a folder with everything below it, also what only read permission protects; a link is deleted, not followed.
///
/// # Errors
///
/// Something could not be deleted; what could be is gone. A path that does not exist is none.
pub fn remove_tree(path: &Path) -> Result<(), StagingError> {
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(());
    };
    if !metadata.is_dir() {
        return fs::remove_file(path).at("remove", path);
    }
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        // Somebody else was faster.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            unlock_folders(path);
            fs::remove_dir_all(path).at("remove", path)
        }
        Err(error) => Err(error).at("remove", path),
    }
}

/// Gives folders back the permissions that an attempt took from them.
fn unlock_folders(root: &Path) {
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        // A failure here shows when the folder is removed.
        drop(fs::set_permissions(
            &folder,
            fs::Permissions::from_mode(0o700),
        ));
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
}
