//! A few threads that take jobs from one queue, each with a resource of its own, such as a connection.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use factory_core::port::StoreError;
use tokio::sync::oneshot;

type Job<C> = Box<dyn FnOnce(&C) + Send>;

/// Threads that share a queue. Dropping it waits for the jobs already taken.
pub(super) struct Workers<C> {
    /// Dropping it closes the queue; `None` only while the workers are dropped.
    jobs: Option<mpsc::Sender<Job<C>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C: Send + 'static> Workers<C> {
    /// Starts one thread for each of `owned`.
    pub(super) fn start(name: &str, owned: Vec<C>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel::<Job<C>>();
        let receiver = Arc::new(Mutex::new(receiver));
        let mut workers = Self {
            jobs: Some(sender),
            threads: Vec::new(),
        };
        for (number, own) in owned.into_iter().enumerate() {
            let jobs = Arc::clone(&receiver);
            let thread = thread::Builder::new().name(format!("{name}-{number}"));
            workers.threads.push(thread.spawn(move || {
                while let Some(job) = next(&jobs) {
                    job(&own);
                }
            })?);
        }
        Ok(workers)
    }

    /// Runs a job on the next free thread, even if the caller stops waiting for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&C) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job<C> = Box::new(move |own| drop(reply.send(job(own))));
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

fn next<C>(jobs: &Mutex<mpsc::Receiver<Job<C>>>) -> Option<Job<C>> {
    // One thread waits for the next job while holding the lock, the others wait for the lock.
    jobs.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .recv()
        .ok()
}

impl<C> Drop for Workers<C> {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a worker thread of the store panicked");
            }
        }
    }
}

impl<C> fmt::Debug for Workers<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .finish_non_exhaustive()
    }
}
