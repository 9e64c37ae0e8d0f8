//! Briefs as files: read, completed from the settings, checked, and every fault told with file, line and column.

use std::fmt;
use std::path::{Path, PathBuf};

use factory_core::id::Slug;
use factory_core::resources::{Budget, Resources};
use factory_spec::brief::{self, Brief};
use serde_json::{Value, json};

use crate::config::Allocation;
use crate::error::{AppError, Code};
use factory_spec::yaml;

/// A brief that can be used.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedBrief {
    /// Where it was read.
    pub file: PathBuf,
    /// Its startup's short name.
    pub slug: Slug,
    /// What it says.
    pub brief: Brief,
    /// Its canonical form, by which two briefs are compared.
    pub canonical: Vec<u8>,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BriefFault {
    /// The file.
    pub file: PathBuf,
    /// Line and column from 1, where there is one.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl fmt::Display for BriefFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.problem)?;
        if self.remedy.is_empty() {
            Ok(())
        } else {
            write!(f, "; {}", self.remedy)
        }
    }
}

/// Reads and checks briefs; every fault of every file at once, nothing is created.
///
/// What a brief leaves out of `resources` and `budget` is filled in from `allocation`.
pub fn load_all(files: &[PathBuf], allocation: &Allocation) -> Result<Vec<LoadedBrief>, AppError> {
    let mut loaded: Vec<LoadedBrief> = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        match load(file, allocation) {
            Ok(brief) => match loaded.iter().find(|other| other.slug == brief.slug) {
                Some(other) if other.canonical == brief.canonical => {}
                Some(other) => faults.push(BriefFault {
                    file: file.clone(),
                    position: None,
                    problem: format!(
                        "its startup `{}` is also that of `{}`",
                        brief.slug,
                        other.file.display()
                    ),
                    remedy: "give one of them another `name`".to_owned(),
                }),
                None => loaded.push(brief),
            },
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() {
        Ok(loaded)
    } else {
        Err(refused(&faults))
    }
}

fn refused(faults: &[BriefFault]) -> AppError {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    AppError::new(Code::BriefInvalid, lines.join("\n"))
        .hint("nothing was created; mend the brief and give the command again")
}

/// Reads and checks one brief.
pub fn load(file: &Path, allocation: &Allocation) -> Result<LoadedBrief, Vec<BriefFault>> {
    let bytes = std::fs::read(file).map_err(|error| {
        vec![BriefFault {
            file: file.to_owned(),
            position: None,
            problem: format!("it cannot be read: {error}"),
            remedy: "give the path of a brief".to_owned(),
        }]
    })?;
    read(file, &bytes, allocation)
}

/// A brief that says nothing: it asks for what the settings give.
///
/// For startups that are begun without a brief.
pub fn blank(allocation: &Allocation) -> Brief {
    Brief {
        budget: Budget {
            total_nano_usd: None,
            per_day_nano_usd: scaled(allocation.per_day_usd, 1e9),
            calls_per_hour: allocation.calls_per_hour,
        },
        resources: Resources {
            memory_mib: allocation.memory_mb,
            cpu_millicores: u32::try_from(scaled(allocation.cpu_cores, 1e3)).unwrap_or(u32::MAX),
            disk_mib: allocation.storage_gb.saturating_mul(1024),
            port_count: allocation.ports,
        },
        ..Brief::default()
    }
}

/// A number of the settings, times a unit, as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the settings were checked: it is not negative and far below the largest"
)]
fn scaled(number: f64, unit: f64) -> u64 {
    (number * unit).round() as u64
}

fn read(
    file: &Path,
    bytes: &[u8],
    allocation: &Allocation,
) -> Result<LoadedBrief, Vec<BriefFault>> {
    let fault = |position: Option<(usize, usize)>, problem: String, remedy: String| BriefFault {
        file: file.to_owned(),
        position,
        problem,
        remedy,
    };
    let mut document = yaml::parse(bytes).map_err(|found| {
        let position = found
            .position
            .map(|position| (position.line, position.column));
        vec![fault(position, found.problem, found.remedy)]
    })?;
    // A file that holds nothing but `null` is no brief: that is the fault to tell.
    if document.value.is_object() {
        fill_in(&mut document.value, usual(allocation));
    }
    let brief = brief::check(&document.value).map_err(|found| {
        let position = |pointer: &str| nearest(&document, pointer);
        found
            .into_iter()
            .map(|found| fault(position(&found.pointer), found.problem, found.remedy))
            .collect::<Vec<_>>()
    })?;
    let slug = brief::slug(&brief.name).map_err(|error| {
        vec![fault(
            nearest(&document, "/name"),
            error.to_string(),
            String::new(),
        )]
    })?;
    let canonical = serde_json::to_vec(&brief)
        .map_err(|error| vec![fault(None, error.to_string(), String::new())])?;
    Ok(LoadedBrief {
        file: file.to_owned(),
        slug: Slug::new(slug),
        brief,
        canonical,
    })
}

/// What the settings say, as a brief would.
fn usual(allocation: &Allocation) -> Value {
    json!({
        "budget": {
            "per_day_usd": allocation.per_day_usd,
            "calls_per_hour": allocation.calls_per_hour,
        },
        "resources": {
            "memory_mb": allocation.memory_mb,
            "cpu_cores": allocation.cpu_cores,
            "storage_gb": allocation.storage_gb,
            "ports": allocation.ports,
        },
    })
}

/// Puts `usual` where `said` says nothing. What it says stays, a wrong type too: the check tells it.
fn fill_in(said: &mut Value, usual: Value) {
    match usual {
        _ if said.is_null() => *said = usual,
        Value::Object(usual) => {
            if let Value::Object(said) = said {
                for (key, usual) in usual {
                    fill_in(said.entry(key).or_insert(Value::Null), usual);
                }
            }
        }
        _ => {}
    }
}

/// The position of a pointer, or of the closest thing around it.
pub fn nearest(document: &yaml::Document, pointer: &str) -> Option<(usize, usize)> {
    let mut pointer = pointer;
    loop {
        if let Some(position) = document.position(pointer) {
            return Some((position.line, position.column));
        }
        pointer = pointer.rsplit_once('/')?.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    const BRIEF: &str = "name: Acme\none_liner: A shop\nfeatures: [Clients pay online]\n";

    fn built_in() -> Allocation {
        Sources::default().merge().unwrap().config.allocation
    }

    fn configured() -> Allocation {
        Allocation {
            memory_mb: 300,
            cpu_cores: 0.25,
            storage_gb: 4,
            ports: 2,
            calls_per_hour: 10,
            per_day_usd: 2.5,
        }
    }

    fn brief(text: &str, allocation: &Allocation) -> Result<LoadedBrief, String> {
        let text = format!("{BRIEF}{text}");
        read(Path::new("b.yaml"), text.as_bytes(), allocation).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })
    }

    fn effective(text: &str) -> (Budget, Resources) {
        let loaded = brief(text, &configured()).unwrap();
        (loaded.brief.budget, loaded.brief.resources)
    }

    #[test]
    fn a_brief_that_asks_for_nothing_gets_what_the_settings_say() {
        let expected = (
            Budget {
                total_nano_usd: None,
                per_day_nano_usd: 2_500_000_000,
                calls_per_hour: 10,
            },
            Resources {
                memory_mib: 300,
                cpu_millicores: 250,
                disk_mib: 4096,
                port_count: 2,
            },
        );
        for text in [
            "",
            "resources:\nbudget: null\n",
            "resources: {}\nbudget: {}\n",
            "resources: { memory_mb: null, ports: ~ }\nbudget: { per_day_usd: null }\n",
        ] {
            assert_eq!(effective(text), expected, "{text}");
        }
        let blank = blank(&configured());
        assert_eq!((blank.budget, blank.resources), expected);
    }

    #[test]
    fn what_a_brief_gives_wins_key_by_key() {
        let (budget, resources) = effective(
            "resources: { memory_mb: 900, cpu_cores: 1 }\nbudget: { total_usd: 7, calls_per_hour: 0 }\n",
        );
        assert_eq!(
            resources,
            Resources {
                memory_mib: 900,
                cpu_millicores: 1000,
                disk_mib: 4096,
                port_count: 2,
            }
        );
        assert_eq!(
            budget,
            Budget {
                total_nano_usd: Some(7_000_000_000),
                per_day_nano_usd: 2_500_000_000,
                calls_per_hour: 0,
            }
        );
    }

    #[test]
    fn two_briefs_with_the_same_effect_are_the_same_brief() {
        let (configured, built_in) = (configured(), built_in());
        let canonical = |text, allocation| brief(text, allocation).unwrap().canonical;
        let spelt = "resources: { memory_mb: 300, cpu_cores: 0.25, storage_gb: 4, ports: 2 }\n\
                     budget: { calls_per_hour: 10, per_day_usd: 2.5 }\n";
        assert_eq!(canonical("", &configured), canonical(spelt, &built_in));
        assert_ne!(canonical("", &configured), canonical("", &built_in));
    }

    #[test]
    fn a_wrong_type_is_a_fault_where_it_stands() {
        for (text, expected) in [
            ("resources: many\n", "b.yaml:4:12: this is a text"),
            ("resources: []\n", "b.yaml:4:12: this is a list"),
            ("\nbudget: 15\n", "b.yaml:5:9: this is a number"),
            ("budget: no\n", "b.yaml:4:9: this is a text"),
            ("resources:\n  ports: '3'\n", "b.yaml:5:10: this is a text"),
            (
                "resources:\n  memory: 3\n",
                "b.yaml:5:11: the key `memory` is unknown",
            ),
            (
                "resources:\n  ports: 21\n",
                "b.yaml:5:10: 21 is out of range",
            ),
        ] {
            let told = brief(text, &configured()).unwrap_err();
            assert!(told.starts_with(expected), "{text}: {told}");
            assert_eq!(told.lines().count(), 1, "{told}");
        }
    }

    #[test]
    fn what_is_no_brief_is_not_made_one() {
        for text in ["~", "[]", "Acme"] {
            let value = yaml::parse(text.as_bytes()).unwrap().value;
            let expected = brief::check(&value).unwrap_err();
            let told = read(Path::new("b.yaml"), text.as_bytes(), &built_in()).unwrap_err();
            let told: Vec<&str> = told.iter().map(|fault| fault.problem.as_str()).collect();
            assert_eq!(told, [expected[0].problem.as_str()], "{text}");
        }
    }

    #[test]
    fn the_built_in_settings_are_the_defaults_of_a_brief() {
        let blank = blank(&built_in());
        assert_eq!(blank, Brief::default());
        let loaded = brief("", &built_in()).unwrap().brief;
        assert_eq!(
            (loaded.budget, loaded.resources),
            (Budget::default(), Resources::default())
        );
    }

    /// One source's say about the allocation, as the settings take it.
    fn set(text: &str) -> Option<Allocation> {
        let project = crate::config::SettingsFile {
            path: "factory.toml".into(),
            text: text.to_owned(),
        };
        let sources = Sources {
            project: Some(project),
            ..Sources::default()
        };
        Some(sources.merge().ok()?.config.allocation)
    }

    #[test]
    fn the_settings_have_the_bounds_of_a_brief() {
        for (group, key, inside, outside) in [
            (
                "resources",
                "memory_mb",
                ["64", "1048576"],
                ["63", "1048577"],
            ),
            (
                "resources",
                "cpu_cores",
                ["0.05", "256.0"],
                ["0.049", "256.1"],
            ),
            ("resources", "storage_gb", ["1", "16384"], ["0", "16385"]),
            ("resources", "ports", ["1", "20"], ["0", "21"]),
            (
                "budget",
                "calls_per_hour",
                ["0", "1000000"],
                ["-1", "1000001"],
            ),
            (
                "budget",
                "per_day_usd",
                ["0.0", "1000000.0"],
                ["-0.1", "1000000.1"],
            ),
        ] {
            for value in inside {
                let allocation = set(&format!("allocation.{key} = {value}")).unwrap();
                let filled = brief("", &allocation).unwrap();
                let spelt = brief(&format!("{group}: {{ {key}: {value} }}"), &built_in()).unwrap();
                assert_eq!(filled, spelt, "{key} = {value}");
                let blank = blank(&allocation);
                assert_eq!(
                    (blank.budget, blank.resources),
                    (filled.brief.budget, filled.brief.resources)
                );
            }
            for value in outside {
                assert_eq!(set(&format!("allocation.{key} = {value}")), None, "{value}");
                let spelt = brief(&format!("{group}: {{ {key}: {value} }}"), &built_in());
                assert!(spelt.is_err(), "{key} = {value}");
            }
        }
    }
}
