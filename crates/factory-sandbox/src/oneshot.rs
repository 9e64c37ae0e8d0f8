//! A future that another thread completes once. It needs no runtime and never blocks.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

#[derive(Debug)]
struct Slot<T> {
    value: Option<T>,
    waker: Option<Waker>,
    sender_gone: bool,
}

type Shared<T> = Arc<Mutex<Slot<T>>>;

/// The sending end. If it is dropped without sending, the future yields `None`.
#[derive(Debug)]
pub(crate) struct Sender<T>(Shared<T>);

/// The receiving end, which is the future.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Shared<T>);

/// Creates a connected pair.
pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Slot {
        value: None,
        waker: None,
        sender_gone: false,
    };
    let shared = Arc::new(Mutex::new(slot));
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

// A poisoned slot is still consistent: no code that holds the lock can leave it half written.
fn lock<T>(shared: &Shared<T>) -> MutexGuard<'_, Slot<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Sender<T> {
    /// Completes the future; the value is lost when the future is gone.
    pub(crate) fn send(self, value: T) {
        lock(&self.0).value = Some(value);
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waker = {
            let mut slot = lock(&self.0);
            slot.sender_gone = true;
            slot.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Future for Receiver<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut slot = lock(&self.0);
        if slot.value.is_some() || slot.sender_gone {
            return Poll::Ready(slot.value.take());
        }
        slot.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_future_yields_what_was_sent() {
        let (sender, mut receiver) = channel();
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut receiver).poll(&mut context), Poll::Pending);
        sender.send(7);
        assert_eq!(
            Pin::new(&mut receiver).poll(&mut context),
            Poll::Ready(Some(7))
        );
    }

    #[test]
    fn a_dropped_sender_yields_nothing() {
        let (sender, mut receiver) = channel::<u8>();
        drop(sender);
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(
            Pin::new(&mut receiver).poll(&mut context),
            Poll::Ready(None)
        );
    }
}
