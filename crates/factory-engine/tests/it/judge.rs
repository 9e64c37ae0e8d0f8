//! The contended set: what two agents did to one base, and what a careful engineer would want from the merge.
//!
//! One TOML file per scenario; `tests/contended/README.md` says what stands in it. The judge looks at files only and knows
//! no merge, so that any merge can be brought before it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde::Deserialize;

/// Paths with their texts; `+x` at a path's end stands for an executable file.
pub(crate) type Files = BTreeMap<String, String>;

/// A path, and the text that is looked for in its file; further texts would do as well.
type Evidence = Vec<String>;

/// Two changes of one base.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// What each agent did, in one sentence.
    pub(crate) about: String,
    /// Written before anybody saw what the merge makes of it, and not changed since.
    #[serde(default)]
    pub(crate) held_out: bool,
    #[serde(default)]
    ours_deletes: Vec<String>,
    #[serde(default)]
    theirs_deletes: Vec<String>,
    pub(crate) base: Files,
    #[serde(default)]
    ours: Files,
    #[serde(default)]
    theirs: Files,
    pub(crate) judge: Judge,
}

impl Scenario {
    /// All files of one side.
    pub(crate) fn ours(&self) -> Files {
        changed(&self.base, &self.ours, &self.ours_deletes)
    }

    /// All files of the other side.
    pub(crate) fn theirs(&self) -> Files {
        changed(&self.base, &self.theirs, &self.theirs_deletes)
    }
}

fn changed(base: &Files, edits: &Files, deletes: &[String]) -> Files {
    let mut files = base.clone();
    files.retain(|path, _| !deletes.contains(path));
    for (path, text) in edits {
        let plain = path.strip_suffix("+x").unwrap_or(path);
        files.remove(plain);
        files.remove(&format!("{plain}+x"));
        files.insert(path.clone(), text.clone());
    }
    files
}

/// What a careful senior engineer would want.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Right {
    /// Both changes together, without asking anybody.
    Merge,
    /// Somebody decides.
    Conflict,
    /// Both changes together, and then a build or a test that finds what no text shows.
    Checks,
}

impl Right {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Conflict => "conflict",
            Self::Checks => "checks",
        }
    }
}

/// Evidence by which a merged tree is judged.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judge {
    pub(crate) right: Right,
    /// Shows that our change is there.
    #[serde(default)]
    ours: Vec<Evidence>,
    /// Shows that their change is there.
    #[serde(default)]
    theirs: Vec<Evidence>,
    /// Must be gone; an empty text stands for the whole file.
    #[serde(default)]
    absent: Vec<Evidence>,
    /// Must be there exactly once.
    #[serde(default)]
    once: Vec<Evidence>,
    /// Files that must parse.
    #[serde(default)]
    parses: Vec<String>,
}

impl Judge {
    /// What is wrong with a merged tree; nothing if it holds both changes.
    pub(crate) fn faults(&self, merged: &Files) -> Vec<String> {
        let mut faults = Vec::new();
        for (side, evidence) in [("our", &self.ours), ("their", &self.theirs)] {
            let lost = evidence.iter().filter(|one| count(merged, one) == 0);
            faults.extend(lost.map(|one| format!("{side} {one:?} is lost")));
        }
        for one in &self.absent {
            let is_whole_file = one.iter().skip(1).any(String::is_empty);
            let is_there = is_whole_file && merged.contains_key(&one[0]);
            if is_there || count(merged, one) > 0 {
                faults.push(format!("{one:?} is still there"));
            }
        }
        for one in &self.once {
            let times = count(merged, one);
            if times != 1 {
                faults.push(format!("{one:?} is there {times} times"));
            }
        }
        // A process per file is the dear part, so it is asked last.
        if faults.is_empty() {
            let files = self.parses.iter();
            faults.extend(files.filter_map(|path| match merged.get(path) {
                None => Some(format!("{path} is gone")),
                Some(text) => Some(format!("{path}: {}", syntax_error(path, text)?)),
            }));
        }
        faults
    }
}

/// How often the texts are in the file.
fn count(merged: &Files, evidence: &Evidence) -> usize {
    let (path, texts) = evidence.split_first().unwrap();
    let file = merged.get(path).map_or("", String::as_str);
    let texts = texts.iter().filter(|text| !text.is_empty());
    texts.map(|text| file.matches(text.as_str()).count()).sum()
}

/// Why a file does not parse: as JSON, TOML or Python by its name, any other by its brackets alone.
fn syntax_error(path: &str, text: &str) -> Option<String> {
    let path = path.strip_suffix("+x").unwrap_or(path);
    match path.rsplit('.').next() {
        Some("json") => serde_json::from_str::<serde_json::Value>(text)
            .err()
            .map(|error| error.to_string()),
        Some("toml" | "lock") => text.parse::<toml::Table>().err().map(|e| e.to_string()),
        Some("py") => python_error(text),
        _ => bracket_error(text),
    }
}

/// Whether Python files can be judged by Python itself.
pub(crate) fn has_python() -> bool {
    static HAS_PYTHON: LazyLock<bool> = LazyLock::new(|| {
        let version = Command::new("python3").arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    });
    *HAS_PYTHON
}

fn python_error(text: &str) -> Option<String> {
    if !has_python() {
        return None;
    }
    let mut python = Command::new("python3")
        .args(["-c", "import ast, sys; ast.parse(sys.stdin.buffer.read())"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then_some(said)
}

/// Strings and comments count, so the scenarios keep their brackets in pairs there, too.
fn bracket_error(text: &str) -> Option<String> {
    let mut open = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for sign in line.chars() {
            match sign {
                '(' => open.push(')'),
                '[' => open.push(']'),
                '{' => open.push('}'),
                ')' | ']' | '}' if open.pop() != Some(sign) => {
                    return Some(format!("line {} closes what is not open", index + 1));
                }
                _ => {}
            }
        }
    }
    (!open.is_empty()).then(|| format!("{} brackets stay open", open.len()))
}

/// The folder of the set.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contended")
}

/// Every scenario below a folder, `language/name` first, in the order of these names.
pub(crate) fn scenarios(folder: &Path) -> Vec<(String, Scenario)> {
    let mut found = Vec::new();
    for language in fs::read_dir(folder).unwrap() {
        let language = language.unwrap();
        if !language.file_type().unwrap().is_dir() {
            continue;
        }
        for file in fs::read_dir(language.path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let language = language.file_name().into_string().unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let name = format!("{language}/{name}");
            let scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            found.push((name, scenario));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found
}
