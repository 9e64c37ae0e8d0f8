//! The names of things: identifiers and counters, one type each, so that none is taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text is not the name of such a thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {rule}")]
pub struct IdError {
    /// The text.
    pub text: String,
    /// What it was to name, as in `startup name`.
    pub what: &'static str,
    /// What such a name looks like.
    pub rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $valid:expr, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text once; whoever holds the type need not check again.
            ///
            /// # Errors
            ///
            /// The text breaks the rule that the type documents.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(IdError { text, what: $what, rule: $rule })
                }
            }

            /// A name that is written in the program's own text.
            ///
            /// # Panics
            ///
            /// The text breaks the rule: a slip of ours that the first run of the code shows.
            pub fn from_static(text: &'static str) -> Self {
                match Self::parse(text) {
                    Ok(id) => id,
                    Err(error) => panic!("{error}"),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
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
    /// A startup's short name: 1 to 40 lower-case ASCII letters, digits and single `-`, a letter first. Its folder,
    /// its stream and its addresses carry it, so it can never lead out of them.
    Slug, "short name", is_slug,
    "1 to 40 lower-case letters, digits and single `-`, beginning with a letter"
}
text_id! {
    /// One execution of a task graph: `<slug>.<number>`, the number from 1.
    RunId, "run", is_run, "write `STARTUP.NUMBER`, as in `ledgerly.1`"
}
text_id! {
    /// A node of a run's task graph, unique within the run: `scaffold`, `entity:Invoice`, `verify`. 1 to 200 characters
    /// without control characters.
    TaskId, "task", is_plain, "1 to 200 characters, none of them a control character"
}
text_id! {
    /// A gate of a run: `<run>.<gate name>`, the name in `snake_case`.
    GateId, "gate", is_gate, "write `STARTUP.NUMBER.GATE`, as in `ledgerly.1.niche_validation`"
}
text_id! {
    /// Content address of a blob: 64 lower-case hexadecimal digits, a SHA-256.
    BlobId, "blob", |text| is_hex(text, &[64]), "64 lower-case hexadecimal digits"
}
text_id! {
    /// A git commit or tree: the 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits of its object id.
    ObjectId, "git object", |text| is_hex(text, &[40, 64]), "40 or 64 lower-case hexadecimal digits"
}
text_id! {
    /// An ordered part of the event log: `portfolio`, `repo/<slug>`.
    StreamId, "stream", is_stream, "`portfolio` or `repo/STARTUP`"
}

/// Longest slug, in characters.
pub const SLUG_LENGTH_MAX: usize = 40;
/// Longest name of a task, in bytes.
const TASK_LENGTH_MAX: usize = 200;

fn is_slug(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= SLUG_LENGTH_MAX
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_run(text: &str) -> bool {
    let number = |number: &str| !number.starts_with(['0', '+']) && number.parse::<u64>().is_ok();
    text.rsplit_once('.')
        .is_some_and(|(slug, count)| is_slug(slug) && number(count))
}

fn is_gate(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.rsplit_once('.')
        .is_some_and(|(run, name)| is_run(run) && !name.is_empty() && name.bytes().all(plain))
}

fn is_plain(text: &str) -> bool {
    (1..=TASK_LENGTH_MAX).contains(&text.len()) && !text.contains(char::is_control)
}

fn is_hex(text: &str, lengths: &[usize]) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    lengths.contains(&text.len()) && text.bytes().all(digit)
}

fn is_stream(text: &str) -> bool {
    text == "portfolio" || text.strip_prefix("repo/").is_some_and(is_slug)
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
        RunId(format!("{self}.{number}"))
    }
}

impl RunId {
    /// The startup that this run belongs to.
    pub fn slug(&self) -> Slug {
        let slug = self.0.rsplit_once('.').map_or("", |(slug, _)| slug);
        Slug(slug.to_owned())
    }
}

impl GateId {
    /// The gate `name` of a run. Whatever a name of a gate may not hold becomes `_`.
    pub fn of(run: &RunId, name: &str) -> Self {
        let name: String = name
            .to_ascii_lowercase()
            .chars()
            .map(|char| {
                if char.is_ascii_alphanumeric() {
                    char
                } else {
                    '_'
                }
            })
            .collect();
        Self(format!("{run}.{name}"))
    }

    /// The run that this gate belongs to.
    pub fn run(&self) -> RunId {
        let run = self.0.rsplit_once('.').map_or("", |(run, _)| run);
        RunId(run.to_owned())
    }
}

impl StreamId {
    /// Startups, allocations and gates.
    pub fn portfolio() -> Self {
        Self("portfolio".to_owned())
    }

    /// Runs, tasks, claims and merges of one repository.
    pub fn repo(slug: &Slug) -> Self {
        Self(format!("repo/{slug}"))
    }
}

impl BlobId {
    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(hex(&sha2::Sha256::digest(bytes)))
    }
}

impl ObjectId {
    /// The id with these bytes: 20 of SHA-1 or 32 of SHA-256.
    ///
    /// # Errors
    ///
    /// Any other number of bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
        Self::parse(hex(bytes))
    }
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_knows_its_run_and_its_startup() {
        let run = Slug::from_static("ledgerly").run(2);
        let gate = GateId::of(&run, "niche_validation");
        assert_eq!(gate.as_str(), "ledgerly.2.niche_validation");
        assert_eq!(gate.run(), run);
        assert_eq!(gate.run().slug(), Slug::from_static("ledgerly"));
    }

    #[test]
    fn a_name_is_checked_where_it_comes_in() {
        for (text, valid) in [
            ("ledgerly", true),
            ("a-1", true),
            ("", false),
            ("Ledgerly", false),
            ("1st", false),
            ("a--b", false),
            ("a-", false),
            ("../a", false),
            ("a/b", false),
            ("a.1", false),
            (&"a".repeat(41), false),
        ] {
            assert_eq!(Slug::parse(text).is_ok(), valid, "{text}");
            let json = serde_json::Value::from(text);
            assert_eq!(
                serde_json::from_value::<Slug>(json).is_ok(),
                valid,
                "{text}"
            );
        }
        for (text, valid) in [
            ("ledgerly.1", true),
            ("ledgerly.0", false),
            ("ledgerly.+1", false),
            ("ledgerly", false),
            (".1", false),
            ("ledgerly.1.x", false),
        ] {
            assert_eq!(RunId::parse(text).is_ok(), valid, "{text}");
        }
        for (text, valid) in [
            ("ledgerly.1.niche_validation", true),
            ("ledgerly.1.", false),
            ("ledgerly.1.a b", false),
            ("ledgerly.x", false),
        ] {
            assert_eq!(GateId::parse(text).is_ok(), valid, "{text}");
        }
        assert!(ObjectId::parse("g".repeat(40)).is_err());
        assert!(ObjectId::parse("a".repeat(40)).is_ok());
        assert!(TaskId::parse("a\nb").is_err());
        assert!(StreamId::parse("repo/../x").is_err());
    }

    #[test]
    fn a_blob_is_named_by_its_content() {
        assert_eq!(
            BlobId::of(b"abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
