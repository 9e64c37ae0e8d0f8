//! The template language: minijinja, set up to give the bytes that Jinja2 gives under cookiecutter.

mod arguments;
mod engine;
mod explain;
mod filters;
mod methods;
mod source;
mod text;

pub(crate) use engine::{Engine, Place};
pub(crate) use filters::NOW;
