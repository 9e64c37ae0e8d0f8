//! The rule author: brief to artifacts and blueprint.
mod acceptance;
mod access;
mod draft;
mod fields;
mod language;
mod pages;
mod reading;
mod specify;
mod stories;
mod workflow;

/// Currency of amounts when nobody says another.
const CURRENCY: &str = "EUR";

#[cfg(test)]
mod tests;
