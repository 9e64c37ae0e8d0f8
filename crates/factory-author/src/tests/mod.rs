//! Tests of the whole author.

mod author;
mod examples;
mod random;
mod support;
