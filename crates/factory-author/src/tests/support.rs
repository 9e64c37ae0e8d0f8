//! Briefs for tests.

use factory_spec::brief::{self, Brief, Defaults};
use serde_json::{Value, json};

pub(super) fn brief_of(value: &Value) -> Brief {
    brief::check(value, &Defaults::default()).unwrap()
}

/// The brief of some features alone.
pub(super) fn features(features: &[&str]) -> Brief {
    brief_of(&json!({ "name": "Thing", "one_liner": "A thing", "features": features }))
}
