//! A few threads, each with something of its own (a connection), that take jobs from one queue.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use factory_core::port::StoreError;
use tokio::sync::oneshot;

type Job<C> = Box<dyn FnOnce(&C) + Send>;

/// Threads that share a queue. Dropping it waits for the jobs already taken.
pub(super) struct Workers<C> {
    /// Closed by dropping it; always there until then.
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

    /// Runs a job on the next free thread. The job is done even if nobody waits for it any more.
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
    // Whoever holds the lock waits for the next job, the others wait for the lock.
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
                tracing::error!("a worker of the store has panicked");
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
