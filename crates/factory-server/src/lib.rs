//! Translates HTTP to use cases and answers to views; the control socket.
