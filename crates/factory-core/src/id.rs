//! The names of things: identifiers and counters, one type each, so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! counter {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// The next one.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id! {
    /// A startup's short name: lower-case kebab ASCII, 1 to 40 characters; its folder and its stream carry it.
    Slug
}
text_id! {
    /// One execution of a task graph: `<slug>.<number>`.
    RunId
}
text_id! {
    /// A node of a run's task graph, unique within the run: `scaffold`, `entity:Invoice`, `verify`.
    TaskId
}
text_id! {
    /// A gate of a run: `<run>.<gate name>`.
    GateId
}
text_id! {
    /// Content address of a blob: lower-case hexadecimal SHA-256.
    BlobId
}
text_id! {
    /// A git commit or tree: lower-case hexadecimal object id.
    ObjectId
}
text_id! {
    /// An ordered part of the event log: `portfolio`, `repo/<slug>`.
    StreamId
}

counter! {
    /// Position of an event in the whole log, from 1.
    Seq
}
counter! {
    /// Count of events in one stream; 0 is an empty stream.
    Version
}
counter! {
    /// Fencing number of a task: grows with every attempt, never falls.
    Epoch
}
counter! {
    /// Growing number of the driver of a portfolio.
    Term
}

impl Slug {
    /// The `n`th run of this startup, from 1.
    pub fn run(&self, number: u64) -> RunId {
        RunId::new(format!("{self}.{number}"))
    }
}

impl RunId {
    /// The startup that this run belongs to.
    pub fn slug(&self) -> Slug {
        let slug = self
            .0
            .rsplit_once('.')
            .map_or(self.0.as_str(), |(slug, _)| slug);
        Slug::new(slug)
    }
}

impl GateId {
    /// The gate `name` of a run.
    pub fn of(run: &RunId, name: &str) -> Self {
        Self(format!("{run}.{name}"))
    }

    /// The run that this gate belongs to.
    pub fn run(&self) -> RunId {
        let run = self
            .0
            .rsplit_once('.')
            .map_or(self.0.as_str(), |(run, _)| run);
        RunId::new(run)
    }
}

impl StreamId {
    /// Startups, allocations and gates.
    pub fn portfolio() -> Self {
        Self::new("portfolio")
    }

    /// Runs, tasks, claims and merges of one startup's repository.
    pub fn repo(slug: &Slug) -> Self {
        Self(format!("repo/{slug}"))
    }
}

impl BlobId {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(bytes);
        let hex = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        Self(
            digest
                .iter()
                .flat_map(|byte| [hex(byte >> 4), hex(byte & 15)])
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_knows_its_run_and_its_startup() {
        let run = Slug::new("ledgerly").run(2);
        let gate = GateId::of(&run, "niche_validation");
        assert_eq!(gate.as_str(), "ledgerly.2.niche_validation");
        assert_eq!(gate.run(), run);
        assert_eq!(gate.run().slug(), Slug::new("ledgerly"));
    }

    #[test]
    fn a_blob_is_named_by_its_content() {
        assert_eq!(
            BlobId::of(b"abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
