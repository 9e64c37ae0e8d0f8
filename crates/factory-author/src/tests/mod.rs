//! Tests of the whole author.

mod examples;
mod random;
mod support;
