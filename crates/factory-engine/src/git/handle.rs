//! Handles on a repository that are used again, so that what one call has read is still in memory for the next.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Decoded objects that a handle keeps, in bytes. Objects never change, so they are never out of date.
const OBJECT_CACHE_BYTES: usize = 16 << 20;
/// Handles kept for the next call: merging and one slice beside it.
const IDLE_MAX: usize = 2;

/// Handles that nobody uses at the moment.
#[derive(Clone, Default)]
pub(super) struct Handles(Arc<Mutex<Vec<gix::Repository>>>);

impl Handles {
    /// One that is idle, or a new one.
    pub(super) fn take(&self, repository: &gix::ThreadSafeRepository) -> Handle {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repository = idle.unwrap_or_else(|| {
            let mut new = repository.to_thread_local();
            new.object_cache_size_if_unset(OBJECT_CACHE_BYTES);
            new
        });
        Handle {
            repository: Some(repository),
            home: self.clone(),
        }
    }
}

/// One thread's handle on a repository; idle again when it is dropped.
pub(crate) struct Handle {
    /// Taken by the drop, and by nothing else.
    repository: Option<gix::Repository>,
    home: Handles,
}

impl Deref for Handle {
    type Target = gix::Repository;

    #[expect(clippy::expect_used, reason = "only the drop takes it")]
    fn deref(&self) -> &gix::Repository {
        self.repository.as_ref().expect("a handle that lives")
    }
}

impl DerefMut for Handle {
    #[expect(clippy::expect_used, reason = "only the drop takes it")]
    fn deref_mut(&mut self) -> &mut gix::Repository {
        self.repository.as_mut().expect("a handle that lives")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut idle = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.extend(self.repository.take());
        }
    }
}
