//! A portfolio in a temporary folder, and the program with an environment that holds nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use factory_testkit::fixture;
use serde_json::Value;

/// Longest time that anything here is waited for.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// A brief without entities.
pub(crate) const BRIEF: &str = "\
schema_version: 1
name: Ledgerly
one_liner: Invoicing for freelance translators
features:
  - Translators create an invoice from a job's word count and rate
  - Clients pay an invoice online and get a receipt
";

/// A portfolio `p` with the template `mini`, beside a private home.
#[derive(Debug)]
pub(crate) struct Portfolio {
    folder: tempfile::TempDir,
}

/// What one command said.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; nothing when it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Portfolio {
    /// A folder without a portfolio.
    pub(crate) fn none() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "p"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// An empty portfolio.
    pub(crate) fn new() -> Self {
        Self::with_templates(&fixture::templates())
    }

    /// An empty portfolio whose products take `seconds` longer to verify.
    pub(crate) fn slow(seconds: u32) -> Self {
        let quick = r#"run = ["sh", "check.sh", "build"]"#;
        let slow = format!(r#"run = ["sh", "-c", "sleep {seconds}; sh check.sh build"]"#);
        Self::changed(&[(quick, &slow)])
    }

    /// An empty portfolio whose template has other settings: each text that must be there, and what replaces it.
    pub(crate) fn changed(changes: &[(&str, &str)]) -> Self {
        let portfolio = Self::none();
        let templates = portfolio.folder.path().join("templates");
        copy(&fixture::templates(), &templates);
        let settings = templates.join("mini/template.toml");
        let mut text = fs::read_to_string(&settings).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "the template `mini` has changed");
            text = text.replace(from, to);
        }
        fs::write(&settings, text).unwrap();
        portfolio.init(&templates);
        portfolio
    }

    fn with_templates(templates: &Path) -> Self {
        let portfolio = Self::none();
        portfolio.init(templates);
        portfolio
    }

    fn init(&self, templates: &Path) {
        self.ok(&["init"]);
        let templates = templates.display();
        let settings = format!("schema_version = 1\n[templates]\ndir = \"{templates}\"\n");
        self.file("factory.toml", settings);
    }

    /// The portfolio's folder.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("p")
    }

    /// Writes a file into the portfolio's folder.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// The blueprint of Ledgerly as a file beside the portfolio.
    pub(crate) fn blueprint(&self) -> String {
        let path = self.folder.path().join("ledgerly.blueprint.json");
        fs::write(&path, fixture::blueprint_text()).unwrap();
        path.display().to_string()
    }

    /// A command in the portfolio's folder.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_factory"));
        command
            .args(words)
            .current_dir(self.root())
            .env_clear()
            .env("HOME", self.folder.path().join("home"))
            .env("USER", "ada")
            .env("LANG", "C.UTF-8")
            .env("PATH", std::env::var_os("PATH").unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts the program.
    pub(crate) fn start(&self, words: &[&str]) -> Child {
        self.command(words).spawn().unwrap()
    }

    /// Runs the program to its end.
    pub(crate) fn say(&self, words: &[&str]) -> Output {
        Output::of(self.start(words))
    }

    /// Runs the program, which must succeed.
    pub(crate) fn ok(&self, words: &[&str]) -> Output {
        let said = self.say(words);
        assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
        said
    }

    /// The words that build Ledgerly from its blueprint.
    pub(crate) fn build(&self, more: &[&str]) -> Vec<String> {
        let blueprint = self.blueprint();
        let words = ["run", "--blueprint", &blueprint, "--template", "mini"];
        let all = words.iter().chain(more);
        all.map(|word| (*word).to_owned()).collect()
    }

    /// Everything below the portfolio's folder: path and content of files, the mode of everything.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut found = BTreeMap::new();
        gather(&self.root(), &mut found);
        found
    }

    /// What git says in the product of Ledgerly.
    pub(crate) fn git(&self, words: &[&str]) -> String {
        let output = Command::new("git")
            .args(words)
            .current_dir(self.root().join("startups/ledgerly"))
            .output()
            .unwrap();
        assert!(output.status.success(), "git {words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A text with everything replaced that differs from one run to the next.
    pub(crate) fn plain(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let templates = fixture::templates().display().to_string();
        text.replace(&folder, "[FOLDER]")
            .replace(&templates, "[TEMPLATES]")
    }

    /// Processes whose environment or words name this portfolio.
    pub(crate) fn processes(&self) -> Vec<String> {
        let root = self.root().display().to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let pid = entry.file_name().to_string_lossy().into_owned();
            if !pid.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let read = |name| fs::read(entry.path().join(name)).unwrap_or_default();
            let words = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
            let environment = String::from_utf8_lossy(&read("environ")).into_owned();
            if words.contains(&root) || environment.contains(&root) {
                found.push(format!("{pid} {words}"));
            }
        }
        found
    }

    /// Waits until nothing runs for this portfolio any more.
    pub(crate) fn wait_for_silence(&self) {
        wait_until("its processes are gone", || self.processes().is_empty());
    }

    /// Waits until a driver of this portfolio has begun `task`.
    pub(crate) fn wait_for_task(&self, task: &str) {
        let logs = self.root().join(".factory/logs/ledgerly.1");
        let begun = |name: &str| name.starts_with(&format!("{task}."));
        wait_until(task, || {
            let files = fs::read_dir(&logs).into_iter().flatten().flatten();
            files
                .map(|file| file.file_name())
                .any(|name| begun(&name.to_string_lossy()))
        });
    }
}

impl Output {
    /// What a child that was started says until its end.
    pub(crate) fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Stdout as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Stdout as lines of JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines().map(serde_json::from_str);
        lines
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl std::fmt::Display for Output {
    /// As a person reads it: the code, then stdout, then stderr.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self
            .code
            .map_or_else(|| "killed".to_owned(), |code| code.to_string());
        write!(f, "exit code {code}")?;
        for (name, text) in [("out", &self.out), ("err", &self.err)] {
            if !text.trim().is_empty() {
                write!(f, "\n--- {name} ---\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// Words as a command takes them.
pub(crate) fn refs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let mut waited = Duration::ZERO;
    while !holds() {
        assert!(waited < PATIENCE, "waited in vain until {what}");
        thread::sleep(PAUSE);
        waited += PAUSE;
    }
}

/// Snapshots without what differs from run to run or from machine to machine.
pub(crate) fn filtered() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    for (pattern, instead) in [
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[TIME]"),
        (r"\b\d+ s\b", "[N] s"),
        (r"\d+ \(\d+ automatic\)", "[M] ([M] automatic)"),
        (r"(\d+/\d+) +\d+ ", "$1 [M] "),
        (r"ports \d+, \d+, \d+", "ports [PORTS]"),
        (r"process \d+", "process [PID]"),
        (r"not on this machine: .*", "not on this machine: [LIMITS]"),
    ] {
        settings.add_filter(pattern, instead);
    }
    settings.bind_to_scope()
}

fn gather(folder: &Path, found: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let (path, about) = (entry.path(), entry.metadata().unwrap());
        let content = if about.is_file() {
            fs::read(&path).unwrap()
        } else {
            Vec::new()
        };
        if about.is_dir() {
            gather(&path, found);
        }
        found.insert(path, (about.permissions().mode(), content));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
