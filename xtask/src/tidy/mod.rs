//! The house rules that no compiler knows. Each check is a pure function from what the repository
//! holds to a list of violations; its unit test shows it a broken example.

mod check;
mod circles;
mod doors;
mod files;
mod layers;
mod names;
mod repository;
mod words;

pub(crate) use self::check::{run, step};
