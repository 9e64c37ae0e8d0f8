//! The types of a manifest.

use std::collections::BTreeMap;

use factory_core::run::CheckName;
use semver::{Version, VersionReq};

/// All of `template.toml`, checked. A plain cookiecutter template has one that is empty but for its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// Version of the format; 1.
    pub schema_version: u64,
    /// The template's name.
    pub name: String,
    /// The template's version.
    pub version: Version,
    /// One sentence for people.
    pub description: String,
    /// Versions of the program that can use it.
    pub engine: VersionReq,
    /// Layers of `templates/shared` that are rendered after the scaffold, in order.
    pub shared: Vec<String>,
    /// Tools that the machine must have, with the wanted version (`>=3.11`; `*` for any).
    pub tools: BTreeMap<String, VersionReq>,
    /// What the running product needs.
    pub needs: Needs,
    /// Limits of our own work on the product.
    pub build: BuildLimits,
    /// Ports of the product, in the order in which they are allocated.
    pub ports: Vec<Port>,
    /// The checks of a product, in the order in which they run.
    pub verify: Vec<Check>,
    /// The quick check after each batch of slices.
    pub verify_fast: Option<FastCheck>,
    /// How the product is started.
    pub start: Option<Start>,
    /// Parts that are rendered once per entity or story, or once at the end.
    pub slices: Vec<Slice>,
    /// Extra instructions for agents, by phase or task kind.
    pub prompts: BTreeMap<String, String>,
}

impl Manifest {
    /// What is known of a cookiecutter template without `template.toml`.
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            schema_version: 1,
            name: name.to_owned(),
            version: Version::new(0, 0, 0),
            description: String::new(),
            engine: VersionReq::STAR,
            shared: Vec::new(),
            tools: BTreeMap::new(),
            needs: Needs::default(),
            build: BuildLimits::default(),
            ports: Vec::new(),
            verify: Vec::new(),
            verify_fast: None,
            start: None,
            slices: Vec::new(),
            prompts: BTreeMap::new(),
        }
    }

    /// The check of a name, when the template has one.
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.verify
            .iter()
            .find(|check| check.check.as_str() == name)
    }

    /// The slice of a name.
    pub fn slice(&self, name: &str) -> Option<&Slice> {
        self.slices.iter().find(|slice| slice.name == name)
    }
}

/// What the running product needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Needs {
    /// Memory, in mebibytes.
    pub memory_mb: u64,
    /// Share of processor cores.
    pub cpu_cores: f64,
    /// Disk space, in gibibytes.
    pub storage_gb: f64,
    /// Its database.
    pub database: Database,
}

impl Default for Needs {
    fn default() -> Self {
        Self {
            memory_mb: 300,
            cpu_cores: 0.25,
            storage_gb: 1.0,
            database: Database::None,
        }
    }
}

/// The database of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// It keeps nothing.
    None,
    /// A file.
    Sqlite,
    /// A role and schema of a server.
    Postgres,
}

/// Limits of our own work on a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuildLimits {
    /// Memory of one command with its children, in mebibytes.
    pub memory_mb: u64,
    /// Wall-clock time of one command that sets none itself, in seconds.
    pub timeout_s: u64,
}

impl Default for BuildLimits {
    fn default() -> Self {
        Self {
            memory_mb: 2048,
            timeout_s: 900,
        }
    }
}

/// A port of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// What listens there.
    pub name: String,
    /// Environment variable that gives the product its number.
    pub env: String,
}

/// The check that brings the product's dependencies; without it nothing else can be run.
pub const INSTALL: &str = "install";
/// The check that measures how much of the product its tests reach.
pub const COVERAGE: &str = "coverage";
/// Names of the checks that a template can declare, in the order in which they are run.
pub const CHECKS: [&str; 6] = [INSTALL, "lint", "types", "tests", COVERAGE, "build"];

/// One check of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Which one.
    pub check: CheckName,
    /// Program and arguments; never empty.
    pub run: Vec<String>,
    /// Whether it may reach package registries.
    pub network: bool,
    /// Wall-clock limit in seconds.
    pub timeout_s: u64,
    /// Files on which the result depends; unchanged ones and an existing result skip the command.
    pub inputs: Vec<String>,
    /// Percentage below which `coverage` fails; set for that check alone.
    pub min_coverage: Option<f64>,
}

/// The quick check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FastCheck {
    /// Program and arguments; never empty.
    pub run: Vec<String>,
    /// Wall-clock limit in seconds.
    pub timeout_s: u64,
}

/// How a product is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Program and arguments; never empty.
    pub run: Vec<String>,
    /// Commands that run first, one after the other.
    pub before: Vec<Vec<String>>,
    /// Path that answers 200 on the first port when the product is ready.
    pub health: Option<String>,
    /// Variables beside the ports.
    pub env: BTreeMap<String, String>,
}

/// For what a slice is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForEach {
    /// Once for each entity.
    Entity,
    /// Once for each story of its kinds.
    Story,
    /// Once, after the others.
    Product,
}

impl ForEach {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Story => "story",
            Self::Product => "product",
        }
    }
}

/// A part of the template that is rendered for a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Its name, unique in the template.
    pub name: String,
    /// For what it is rendered.
    pub for_each: ForEach,
    /// Folder of its files; none when it only edits.
    pub source: Option<String>,
    /// Kinds of stories that it builds; empty for all.
    pub kinds: Vec<String>,
    /// Slices that must have landed before.
    pub after: Vec<String>,
    /// What it changes in shared files, not rendered yet.
    pub edits: Vec<EditRule>,
}

/// A change of a shared file, not rendered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditRule {
    /// The shared file.
    pub file: String,
    /// Name of the anchored list in it.
    pub anchor: String,
    /// Line or lines that are added.
    pub line: String,
}
