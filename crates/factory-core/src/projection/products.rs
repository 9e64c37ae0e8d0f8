//! The table of started products, and how their events change it.

use serde_json::json;

use super::tables::{set, table, upsert, when};
use super::{Assign, Cell, Change, Column, ColumnKind, Table};
use crate::clock::Timestamp;
use crate::id::Slug;
use crate::portfolio::Product;

table! {
    /// The newest process of each startup's product.
    PRODUCTS = "products" {
        state: Text indexed, pid: Integer, url: Text, ports: Text, log: Text, started_at: Text, stopped_at: Text,
        reason: Text,
    }
}

pub(super) fn started(slug: &Slug, product: &Product, at: Timestamp) -> Vec<Change> {
    let assign = vec![
        ("state", set("running")),
        ("pid", set(u64::from(product.process.pid))),
        ("url", set(product.url.clone())),
        ("ports", set(json!(product.ports).to_string())),
        ("log", set(product.log.as_str())),
        ("started_at", when(at)),
        ("stopped_at", Assign::Set(Cell::Null)),
        ("reason", Assign::Set(Cell::Null)),
    ];
    vec![upsert(&PRODUCTS, slug, assign)]
}

pub(super) fn stopped(slug: &Slug, reason: &str, at: Timestamp) -> Vec<Change> {
    let assign = vec![
        ("state", set("stopped")),
        ("stopped_at", when(at)),
        ("reason", set(reason)),
    ];
    vec![upsert(&PRODUCTS, slug, assign)]
}
