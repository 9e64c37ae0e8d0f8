//! Turns a task graph into finished, merged work.
