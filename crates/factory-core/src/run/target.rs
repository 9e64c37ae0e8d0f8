//! The branch that a run's changes land on, and where that branch begins.

use serde::{Deserialize, Serialize};

use crate::id::ObjectId;

/// The branch that changes land on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Without `refs/heads/`; created by the first landing.
    pub branch: String,
    /// Ignored once the branch exists.
    pub start: StartPoint,
}

/// What a target branch that does not exist yet grows from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum StartPoint {
    /// The empty tree: the first commit has no parent.
    #[default]
    Empty,
    /// The head of another branch, followed until the first change lands.
    Branch {
        /// Without `refs/heads/`.
        branch: String,
    },
    /// One commit.
    Commit {
        /// Its full id.
        commit: ObjectId,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_written_with_its_type() {
        for (start, json) in [
            (StartPoint::Empty, r#"{"type":"empty"}"#),
            (
                StartPoint::Branch {
                    branch: "main".to_owned(),
                },
                r#"{"type":"branch","branch":"main"}"#,
            ),
            (
                StartPoint::Commit {
                    commit: ObjectId::from_static("abababababababababababababababababababab"),
                },
                r#"{"type":"commit","commit":"abababababababababababababababababababab"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&start).unwrap(), json);
            assert_eq!(serde_json::from_str::<StartPoint>(json).unwrap(), start);
        }
    }
}
