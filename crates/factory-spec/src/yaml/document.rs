//! A value that remembers the position of each of its parts.

use std::collections::HashMap;

use serde_json::Value;

use crate::fault::{Fault, Part};
use crate::position::Position;

/// What was read, and where each part of it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The content.
    pub value: Value,
    pub(super) positions: Positions,
}

/// Positions by JSON pointer.
pub(super) type Positions = HashMap<String, Entry>;

/// Where a value begins and, in a mapping, its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Option<Position>,
    pub(super) value: Position,
}

impl Document {
    /// Where the value at this JSON pointer (`/features/0`; empty for the whole) begins.
    ///
    /// An empty value has the position of its key.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.positions.get(pointer).map(|entry| entry.value)
    }

    /// Where the key of the mapping entry at this JSON pointer begins.
    pub fn key_position(&self, pointer: &str) -> Option<Position> {
        self.positions.get(pointer).and_then(|entry| entry.key)
    }

    /// Adds the position to a fault: that of its key or value, or of the nearest thing around it that exists.
    #[must_use]
    pub fn locate(&self, mut fault: Fault) -> Fault {
        let own_key = match fault.part {
            Part::Key => self.key_position(&fault.pointer),
            Part::Value => None,
        };
        fault.position = own_key.or_else(|| self.nearest_position(&fault.pointer));
        fault
    }

    fn nearest_position(&self, pointer: &str) -> Option<Position> {
        let mut pointer = pointer;
        loop {
            if let Some(position) = self.position(pointer) {
                return Some(position);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}
