//! From the text of `template.toml` to a [`Manifest`], with all faults at once.

use std::collections::BTreeMap;

use semver::{Version, VersionReq};
use toml::Table;

use factory_core::run::CheckName;
use factory_spec::suggest::did_you_mean_or_list;

use super::slices::{check_slices, slices};
use super::table::{FILE, Faults, Keys};
use super::types::{
    BuildLimits, CHECKS, COVERAGE, Check, Database, FastCheck, Manifest, Needs, Port, Start,
};
use crate::fault::TemplateFault;

/// Default of `min_coverage`, in percent.
const MIN_COVERAGE_DEFAULT: f64 = 85.0;
/// Default time limit of the quick check.
const FAST_TIMEOUT_S_DEFAULT: u64 = 60;

/// Reads `template.toml`; `program` is the version of this program.
///
/// # Errors
///
/// Every fault of the file.
pub(crate) fn parse(text: &str, program: &Version) -> Result<Manifest, Vec<TemplateFault>> {
    let table: Table = toml::from_str(text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let at = format!("line {}", before.matches('\n').count() + 1);
        vec![TemplateFault::new(
            FILE,
            at,
            error.message().to_owned(),
            "fix the TOML",
        )]
    })?;
    let mut faults = Faults::default();
    let manifest = manifest(table, program, &mut faults);
    if faults.0.is_empty() {
        Ok(manifest)
    } else {
        Err(faults.0)
    }
}

fn manifest(table: Table, program: &Version, faults: &mut Faults) -> Manifest {
    let mut keys = Keys::new(table, "", faults);
    let schema_version = keys.count("schema_version");
    if schema_version != Some(1) {
        keys.fault(
            "schema_version",
            "this program reads version 1",
            "write `schema_version = 1`",
        );
    }
    let name = keys.required_text("name");
    let version = version(&mut keys);
    let description = keys.required_text("description");
    let engine = engine(&mut keys, program);
    let shared = keys.texts("shared").unwrap_or_default();
    let tools = tools(&mut keys);
    let needs = needs(&mut keys);
    let build = limits(&mut keys);
    let ports = ports(&mut keys);
    let verify = verify(&mut keys, build.timeout_s);
    let verify_fast = verify_fast(&mut keys);
    let start = start(&mut keys);
    let slices = slices(&mut keys);
    let prompts = keys.text_map("prompts").into_iter().collect();
    keys.finish();
    check_slices(&slices, faults);
    Manifest {
        schema_version: 1,
        name,
        version,
        description,
        engine,
        shared,
        tools,
        needs,
        build,
        ports,
        verify,
        verify_fast,
        start,
        slices,
        prompts,
    }
}

fn version(keys: &mut Keys<'_>) -> Version {
    let text = keys.required_text("version");
    text.parse().unwrap_or_else(|error: semver::Error| {
        if !text.is_empty() {
            keys.fault(
                "version",
                format!("`{text}` is not a version: {error}"),
                "write it like `0.1.0`",
            );
        }
        Version::new(0, 0, 0)
    })
}

fn engine(keys: &mut Keys<'_>, program: &Version) -> VersionReq {
    let text = keys.required_text("engine");
    match text.parse::<VersionReq>() {
        Ok(wanted) if wanted.matches(program) => wanted,
        Ok(wanted) => {
            let problem = format!("it needs factory {wanted}, and this is {program}");
            keys.fault(
                "engine",
                problem,
                "use another version of the template or of factory",
            );
            wanted
        }
        Err(_) if text.is_empty() => VersionReq::STAR,
        Err(error) => {
            keys.fault(
                "engine",
                format!("`{text}` is not a version requirement: {error}"),
                "write it like `>=0.1.0`",
            );
            VersionReq::STAR
        }
    }
}

fn tools(keys: &mut Keys<'_>) -> BTreeMap<String, VersionReq> {
    let mut tools = BTreeMap::new();
    for (tool, wanted) in keys.text_map("tools") {
        let wanted = if wanted.is_empty() {
            "*"
        } else {
            wanted.as_str()
        };
        match wanted.parse() {
            Ok(wanted) => drop(tools.insert(tool, wanted)),
            Err(error) => {
                let problem = format!("`{wanted}` is not a version requirement: {error}");
                keys.fault(
                    &format!("tools.{tool}"),
                    problem,
                    "write it like `>=3.11`, or `*`",
                );
            }
        }
    }
    tools
}

fn needs(keys: &mut Keys<'_>) -> Needs {
    let default = Needs::default();
    let at = keys.path("needs");
    let Some(table) = keys.table("needs") else {
        return default;
    };
    let mut keys = Keys::new(table, at, keys.faults());
    let words = [
        ("none", Database::None),
        ("sqlite", Database::Sqlite),
        ("postgres", Database::Postgres),
    ];
    let needs = Needs {
        memory_mb: keys.count("memory_mb").unwrap_or(default.memory_mb),
        cpu_cores: keys.number("cpu_cores").unwrap_or(default.cpu_cores),
        storage_gb: keys.number("storage_gb").unwrap_or(default.storage_gb),
        database: keys.word("database", &words).unwrap_or(default.database),
    };
    keys.finish();
    needs
}

fn limits(keys: &mut Keys<'_>) -> BuildLimits {
    let default = BuildLimits::default();
    let Some(table) = keys.table("limits") else {
        return default;
    };
    let mut keys = Keys::new(table, "limits", keys.faults());
    let table = keys.table("build").unwrap_or_default();
    let mut build = Keys::new(table, "limits.build", keys.faults());
    let limits = BuildLimits {
        memory_mb: build.count("memory_mb").unwrap_or(default.memory_mb),
        timeout_s: build.count("timeout_s").unwrap_or(default.timeout_s),
    };
    build.finish();
    keys.finish();
    limits
}

fn ports(keys: &mut Keys<'_>) -> Vec<Port> {
    let mut ports: Vec<Port> = Vec::new();
    for (at, table) in keys.tables("ports").into_iter().enumerate() {
        let mut keys = Keys::new(table, format!("ports[{at}]"), keys.faults());
        let port = Port {
            name: keys.required_text("name"),
            env: keys.required_text("env"),
        };
        if !port.env.is_empty() && !is_variable(&port.env) {
            let problem = format!("`{}` is not a valid variable name", port.env);
            keys.fault("env", problem, "write it like `PORT`");
        }
        if ports
            .iter()
            .any(|other| other.name == port.name || other.env == port.env)
        {
            keys.fault(
                "name",
                "another port has this name or variable",
                "give each its own",
            );
        }
        keys.finish();
        ports.push(port);
    }
    ports
}

fn is_variable(name: &str) -> bool {
    !name.starts_with(|char: char| char.is_ascii_digit())
        && name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '_')
}

fn verify(keys: &mut Keys<'_>, timeout_s: u64) -> Vec<Check> {
    let words = CHECKS.map(|name| (name, name));
    let mut checks: Vec<Check> = Vec::new();
    for (at, table) in keys.tables("verify").into_iter().enumerate() {
        let mut keys = Keys::new(table, format!("verify[{at}]"), keys.faults());
        if !keys.has("check") {
            keys.fault(
                "check",
                "the key is missing",
                did_you_mean_or_list("", &words.map(|(word, _)| word)),
            );
        }
        let name = keys.word("check", &words).map(CheckName::new);
        let run = keys.command("run");
        let network = keys.flag("network").unwrap_or_default();
        let timeout_s = keys.count("timeout_s").unwrap_or(timeout_s);
        let inputs = keys.texts("inputs").unwrap_or_default();
        let min_coverage = keys.number("min_coverage");
        let is_coverage = name.as_ref().is_some_and(|name| name.as_str() == COVERAGE);
        if min_coverage.is_some() && !is_coverage {
            keys.fault(
                "min_coverage",
                "only the check `coverage` has it",
                "move it there",
            );
        }
        if min_coverage.is_some_and(|percent| percent > 100.0) {
            keys.fault(
                "min_coverage",
                "this is more than 100 percent",
                "write at most 100",
            );
        }
        if let Some(name) = name {
            if checks.iter().any(|other| other.check == name) {
                keys.fault(
                    "check",
                    format!("`{name}` is listed twice"),
                    "keep one of them",
                );
            }
            let min_coverage = is_coverage.then(|| min_coverage.unwrap_or(MIN_COVERAGE_DEFAULT));
            checks.push(Check {
                check: name,
                run,
                network,
                timeout_s,
                inputs,
                min_coverage,
            });
        }
        keys.finish();
    }
    checks
}

fn verify_fast(keys: &mut Keys<'_>) -> Option<FastCheck> {
    let table = keys.table("verify_fast")?;
    let mut keys = Keys::new(table, "verify_fast", keys.faults());
    let run = keys.command("run");
    let timeout_s = keys.count("timeout_s").unwrap_or(FAST_TIMEOUT_S_DEFAULT);
    keys.finish();
    Some(FastCheck { run, timeout_s })
}

fn start(keys: &mut Keys<'_>) -> Option<Start> {
    let table = keys.table("start")?;
    let mut keys = Keys::new(table, "start", keys.faults());
    let start = Start {
        run: keys.command("run"),
        before: keys.commands("before").unwrap_or_default(),
        health: keys.text("health"),
        env: keys.text_map("env").into_iter().collect(),
    };
    if start
        .health
        .as_ref()
        .is_some_and(|path| !path.starts_with('/'))
    {
        keys.fault("health", "this is not a path", "write it like `/healthz`");
    }
    keys.finish();
    Some(start)
}
