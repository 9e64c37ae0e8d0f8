//! Wrong input: said with its place and what would be right, exit code 2 or the one that fits, nothing created.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::net::UnixListener;

use insta::assert_snapshot;

use crate::environment::{BRIEF, Portfolio, Said};

/// Says something wrong to a portfolio; whatever was there stays as it is, and nothing is added.
fn refused(portfolio: &Portfolio, words: &[&str]) -> String {
    let before = portfolio.everything();
    let said = portfolio.say(words);
    let after = portfolio.everything();
    let paths =
        |state: &std::collections::BTreeMap<_, _>| state.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        paths(&before),
        paths(&after),
        "{words:?} left something behind"
    );
    assert!(before == after, "{words:?} changed something");
    portfolio.plain(&said.to_string())
}

/// Hands a wrong brief to a portfolio.
fn brief(text: impl AsRef<[u8]>) -> String {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", text);
    refused(&portfolio, &["run", "brief.yaml"])
}

fn with_entities(entities: &str) -> String {
    brief(format!("{BRIEF}entities:\n{entities}"))
}

#[test]
fn a_wrong_type() {
    assert_snapshot!(brief(BRIEF.replace("name: Ledgerly", "name: [Ledgerly, Limited]")), @"");
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(brief(format!("{BRIEF}indutsry: fintech\n")), @"");
}

#[test]
fn a_reference_cycle() {
    let entities =
        "  Client: { name: text!, job: ref Job! }\n  Job: { title: text!, client: ref Client! }\n";
    assert_snapshot!(with_entities(entities), @"");
}

#[test]
fn a_reserved_word() {
    assert_snapshot!(with_entities("  Client: { name: text!, class: text }\n"), @"");
}

#[test]
fn two_entities_that_differ_by_case() {
    assert_snapshot!(with_entities("  Client: { name: text! }\n  CLIENT: { name: text! }\n"), @"");
}

#[test]
fn three_hundred_entities() {
    let entities = (0..300).map(|number| format!("  Thing{number}: {{ name: text! }}\n"));
    assert_snapshot!(with_entities(&entities.collect::<String>()), @"");
}

#[test]
fn no_features() {
    let head = BRIEF.split("features:").next().unwrap();
    assert_snapshot!(brief(format!("{head}features: []\n")), @"");
    assert_snapshot!(brief(head), @"");
}

#[test]
fn a_file_that_is_not_utf_8() {
    assert_snapshot!(brief([BRIEF.as_bytes(), b"problem: caf\xe9\n"].concat()), @"");
}

#[test]
fn a_name_that_is_a_path() {
    assert_snapshot!(brief(BRIEF.replace("Ledgerly", "../../etc/passwd")), @"");
}

#[test]
fn a_tab_where_yaml_wants_spaces() {
    assert_snapshot!(brief(BRIEF.replace("  - Clients", "\t- Clients")), @"");
}

#[test]
fn an_empty_file() {
    assert_snapshot!(brief(""), @"");
}

#[test]
fn a_missing_file_and_a_folder() {
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["run", "missing.yaml"]), @"");
    assert_snapshot!(refused(&portfolio, &["run", "startups"]), @"");
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let portfolio = Portfolio::new();
    portfolio.file("good.yaml", BRIEF);
    portfolio.file("twin.yaml", BRIEF.replace("Invoicing", "Bills"));
    portfolio.file("bad.yaml", BRIEF.replace("one_liner", "tagline"));
    let words = ["run", "good.yaml", "twin.yaml", "bad.yaml", "missing.yaml"];
    assert_snapshot!(refused(&portfolio, &words), @"");
}

#[test]
fn an_unknown_template_and_an_unknown_playbook() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    assert_snapshot!(refused(&portfolio, &["run", "brief.yaml", "--template", "nope"]), @"");
    assert_snapshot!(refused(&portfolio, &["run", "brief.yaml", "--playbook", "nope"]), @"");
}

#[test]
fn blueprints_that_cannot_be_used() {
    let portfolio = Portfolio::new();
    let said = |text: &[u8]| {
        portfolio.file("blueprint.json", text);
        refused(
            &portfolio,
            &["run", "--blueprint", "blueprint.json", "--template", "mini"],
        )
    };
    assert_snapshot!(said(b"{\n  \"product\": [1,\n"), @"");
    assert_snapshot!(said(b"{\n  \"product\": { \"name\": \"caf\xe9\" }\n}\n"), @"");
    assert_snapshot!(said(b"{\n  \"schema_version\": 1,\n  \"roles\": 3\n}\n"), @"");
    assert_snapshot!(refused(&portfolio, &["run", "--blueprint", "missing.json"]), @"");
}

#[test]
fn not_a_portfolio() {
    let none = Portfolio::none();
    none.file("brief.yaml", BRIEF);
    assert_snapshot!(refused(&none, &["run", "brief.yaml"]), @"");
    assert_snapshot!(refused(&none, &["startup", "ls", "--json"]), @"");
    // A slip in the name of a folder must not end in the portfolio around it.
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["startup", "ls", "--portfolio", "startups"]), @"");
}

#[test]
fn a_portfolio_is_made_once() {
    assert_snapshot!(refused(&Portfolio::new(), &["init"]), @"");
}

#[test]
fn names_that_nothing_has() {
    let portfolio = Portfolio::new();
    let said = |words: &[&str]| portfolio.say(words).to_string();
    assert_snapshot!(said(&["startup", "show", "nobody"]), @"");
    assert_snapshot!(said(&["startup", "up", "nobody"]), @"");
    assert_snapshot!(said(&["runs", "show", "nobody.1"]), @"");
    assert_snapshot!(said(&["runs", "cancel", "nobody.1"]), @"");
    assert_snapshot!(said(&["task", "ls", "nobody"]), @"");
    assert_snapshot!(said(&["task", "logs", "nobody.1/verify"]), @"");
    assert_snapshot!(said(&["task", "logs", "verify"]), @"");
    assert_snapshot!(said(&["gate", "show", "nobody.1.niche_validation"]), @"");
    assert_snapshot!(said(&["gate", "approve", "../../etc"]), @"");
}

#[test]
fn settings_that_are_wrong() {
    let portfolio = Portfolio::new();
    let said = |text: &str| {
        portfolio.file("factory.toml", text);
        refused(&portfolio, &["startup", "ls"])
    };
    assert_snapshot!(said("schema_version = 1\n[concurrency]\ntask = 3\n"), @"");
    assert_snapshot!(said("schema_version = 1\n[concurrency]\ntasks = \"many\"\n"), @"");
    assert_snapshot!(said("schema_version = 1\n[ports]\nfirst = 4000\nlast = 3000\n"), @"");
    assert_snapshot!(said("schema_version = 2\n"), @"");
    assert_snapshot!(said("schema_version = 1\n[concurrency\n"), @"");
}

#[test]
fn variables_and_flags_that_are_wrong() {
    let portfolio = Portfolio::new();
    let said = |name: &str, value: &str| {
        let child = portfolio
            .command(&["startup", "ls"])
            .env(name, value)
            .spawn()
            .unwrap();
        Said::of(child).to_string()
    };
    assert_snapshot!(said("FACTORY_CONCURENCY__TASKS", "3"), @"");
    assert_snapshot!(said("FACTORY_CONCURRENCY__TASKS", "many"), @"");
    assert_snapshot!(refused(&portfolio, &["--log", "loud", "startup", "ls"]), @"");
    portfolio.file("brief.yaml", BRIEF);
    let child = portfolio
        .command(&["run", "brief.yaml"])
        .env("FACTORY_PLAYBOOK", "nope")
        .spawn();
    assert_snapshot!(Said::of(child.unwrap()), @"");
}

/// The file is what a program of schema version 2 would leave: `meta` with a row that says so. Made once with
/// `sqlite3 newer.db` and the `CREATE TABLE meta` of the store.
#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    portfolio.ok(&["startup", "ls"]);
    let hidden = portfolio.root().join(".factory");
    for left in ["factory.db-wal", "factory.db-shm"] {
        drop(fs::remove_file(hidden.join(left)));
    }
    fs::write(hidden.join("factory.db"), include_bytes!("newer.db")).unwrap();
    let store = || fs::read(hidden.join("factory.db")).unwrap();
    for words in [
        &["startup", "ls"][..],
        &["run"],
        &["run", "brief.yaml", "--template", "mini"],
    ] {
        let said = portfolio.say(words);
        assert!(
            store() == include_bytes!("newer.db"),
            "{words:?} changed the store"
        );
        assert_eq!(said.code, Some(5), "{said}");
        if words.len() == 1 {
            assert_snapshot!(portfolio.plain(&said.to_string()), @"");
        }
    }
}

#[test]
fn a_store_that_is_no_database_is_refused_and_left_alone() {
    let portfolio = Portfolio::new();
    let store = portfolio.root().join(".factory/factory.db");
    fs::write(
        &store,
        "once upon a time there was no database in this file\n".repeat(20),
    )
    .unwrap();
    let before = fs::read(&store).unwrap();
    let said = portfolio.say(&["startup", "ls"]);
    assert_snapshot!(portfolio.plain(&said.to_string()), @"");
    assert!(fs::read(&store).unwrap() == before);
}

#[test]
fn a_driver_that_holds_the_lock_and_does_not_answer() {
    let portfolio = Portfolio::new();
    portfolio.ok(&["startup", "ls"]);
    let hidden = portfolio.root().join(".factory");
    let mut lock = File::options()
        .write(true)
        .open(hidden.join("lock"))
        .unwrap();
    lock.lock().unwrap();
    lock.set_len(0).unwrap();
    writeln!(lock, "{}", std::process::id()).unwrap();
    // It listens, takes connections into its backlog and never answers one.
    let listener = UnixListener::bind(hidden.join("control.sock")).unwrap();
    let store = fs::read(hidden.join("factory.db")).unwrap();
    let said = portfolio.say(&["startup", "ls"]);
    {
        let _filters = crate::environment::filtered();
        assert_snapshot!(portfolio.plain(&said.to_string()), @"");
    }
    assert!(
        fs::read(hidden.join("factory.db")).unwrap() == store,
        "the store was touched"
    );
    drop((listener, lock));
    assert_eq!(portfolio.ok(&["startup", "ls", "--json"]).out, "[]\n");
}
