//! The language of briefs: word lists by meaning, verb forms, and the shallow reading of a sentence into clauses.
//!
//! Nothing in here knows what a product is; it says who does what to what, with which words around it.

mod article;
pub(crate) mod attributes;
pub(crate) mod clause;
pub(crate) mod known;
mod tag;
mod verb_forms;
pub(crate) mod verbs;
pub(crate) mod words;

pub(crate) use article::with_article;
pub(crate) use clause::{Clause, Noun, read};
pub(crate) use verb_forms::third;
pub(crate) use verbs::Act;
