//! Reads, checks and renders templates.
//!
//! A [`Template`] is a cookiecutter project, opened from a folder or out of the program, with a [`Manifest`]
//! (`template.toml`) beside it. [`Template::scaffold`] renders the first commit of a product into a [`Tree`];
//! [`Template::plan`] says which slices a blueprint asks for and what each may write; [`Template::slice`] renders one
//! of them into a [`RenderedSlice`]: files of its own, and [`Edit`]s that [`anchor::apply`] makes in shared files.
//! Rendering gives the bytes that cookiecutter 2.7 gives and depends on nothing but its arguments. Time is bounded,
//! memory is not: an untrusted template can grow a text until the process is killed, so render it under a limit.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use factory_templates::{RenderError, Template};
//! use serde_json::{Value, json};
//!
//! fn file_count(template: &Template, blueprint: &Value) -> Result<usize, RenderError> {
//!     let answers = BTreeMap::from([("name".to_owned(), json!("Ledgerly"))]);
//!     let mut count = template.scaffold(&answers, blueprint)?.len();
//!     for planned in template.plan(&answers, blueprint)?.slices {
//!         count += planned.write.len();
//!     }
//!     Ok(count)
//! }
//! ```

pub mod anchor;
mod binary;
mod embedded;
mod fault;
mod files;
mod ignored;
mod jinja;
pub mod manifest;
mod newline;
mod path;
mod pattern;
mod plan;
mod python;
mod render;
mod slug;
mod template;
mod tree;
mod variables;

pub use anchor::{AnchorError, Edit};
pub use fault::{OpenError, RenderError, TemplateFault};
pub use manifest::{Check, CheckName, Manifest};
pub use path::PathProblem;
pub use plan::{Plan, PlannedSlice, Subject, Unbuilt};
pub use template::{RenderedSlice, Template};
pub use tree::{File, Tree, WriteError};
