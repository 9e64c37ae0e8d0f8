//! Wrong input: said with its place and what would be right, exit code 2 or the one that fits, nothing created.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{chown, symlink};
use std::os::unix::net::UnixListener;

use insta::assert_snapshot;

use crate::environment::{BRIEF, Output, Portfolio};

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
    assert_snapshot!(brief(BRIEF.replace("name: Ledgerly", "name: [Ledgerly, Limited]")), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:2:7: this is a list; write text
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn an_unknown_key() {
    assert_snapshot!(brief(format!("{BRIEF}indutsry: fintech\n")), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:7:1: the key `indutsry` is unknown; did you mean `industry`?
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_reference_cycle() {
    let entities =
        "  Client: { name: text!, job: ref Job! }\n  Job: { title: text!, client: ref Client! }\n";
    assert_snapshot!(with_entities(entities), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:9:32: required references form a cycle: Client.job → Job.client → Client; make one of them optional, or no first record can be created
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_reserved_word() {
    assert_snapshot!(with_entities("  Client: { name: text!, class: text }\n"), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:8:26: `class` is a reserved word of Python; write `client_class`
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn two_entities_that_differ_by_case() {
    assert_snapshot!(with_entities("  Client: { name: text! }\n  CLIENT: { name: text! }\n"), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:9:3: `CLIENT` is not a valid entity name; write `Client`
        brief.yaml:9:3: `Client` and `CLIENT` differ only by case; rename one of them, or merge them
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn three_hundred_entities() {
    let entities = (0..300).map(|number| format!("  Thing{number}: {{ name: text! }}\n"));
    assert_snapshot!(with_entities(&entities.collect::<String>()), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:8:3: there are 300 entities; keep to 60, or split the product
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn no_features() {
    let head = BRIEF.split("features:").next().unwrap();
    assert_snapshot!(brief(format!("{head}features: []\n")), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:4:11: `features` is empty; list at least one sentence, such as `Clients pay an invoice online`
        hint: nothing was created; fix the brief and run the command again
        ");
    assert_snapshot!(brief(head), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:1:1: `features` is missing; list at least one sentence, such as `Clients pay an invoice online`
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_file_that_is_not_utf_8() {
    assert_snapshot!(brief([BRIEF.as_bytes(), b"problem: caf\xe9\n"].concat()), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:7:13: the byte 0xe9 at offset 221 is not UTF-8; save the file as UTF-8
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_name_that_is_a_path() {
    assert_snapshot!(brief(BRIEF.replace("Ledgerly", "../../etc/passwd")), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:2:7: `../../etc/passwd` looks like a path; write a name without `/`, `\`, `..` or a leading `~`
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_tab_where_yaml_wants_spaces() {
    assert_snapshot!(brief(BRIEF.replace("  - Clients", "\t- Clients")), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml:5:5: while scanning a plain scalar, found a tab; indent with spaces
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn an_empty_file() {
    assert_snapshot!(brief(""), @r"
        exit code 2
        --- err ---
        error[F0101]: brief.yaml: the file is empty; write at least one line `key: value`
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn a_missing_file_and_a_folder() {
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["run", "missing.yaml"]), @r"
        exit code 2
        --- err ---
        error[F0101]: missing.yaml: cannot be read: No such file or directory (os error 2); give the path of a brief
        hint: nothing was created; fix the brief and run the command again
        ");
    assert_snapshot!(refused(&portfolio, &["run", "startups"]), @r"
        exit code 2
        --- err ---
        error[F0101]: startups: this is a folder, not a file; give the path of a brief
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn every_fault_of_every_file_is_told_at_once() {
    let portfolio = Portfolio::new();
    portfolio.file("good.yaml", BRIEF);
    portfolio.file("twin.yaml", BRIEF.replace("Invoicing", "Bills"));
    portfolio.file("bad.yaml", BRIEF.replace("one_liner", "tagline"));
    let words = ["run", "good.yaml", "twin.yaml", "bad.yaml", "missing.yaml"];
    assert_snapshot!(refused(&portfolio, &words), @r"
        exit code 2
        --- err ---
        error[F0101]: twin.yaml: its startup `ledgerly` is also that of `good.yaml`; give one of them another `name`
        bad.yaml:3:1: the key `tagline` is unknown; the keys here are `schema_version`, `name`, `one_liner`, `industry`, `category`, `template`, `problem`, `audience`, `founder`, `features`, `entities`, `budget`, `resources`
        bad.yaml:1:1: `one_liner` is missing; describe it in one line
        missing.yaml: cannot be read: No such file or directory (os error 2); give the path of a brief
        hint: nothing was created; fix the brief and run the command again
        ");
}

#[test]
fn an_unknown_template_and_an_unknown_playbook() {
    let portfolio = Portfolio::new();
    portfolio.file("brief.yaml", BRIEF);
    assert_snapshot!(refused(&portfolio, &["run", "brief.yaml", "--template", "nope"]), @r"
        exit code 2
        --- err ---
        error[F0501]: open template `nope`: find template `nope`; the program has: neoforge
        hint: templates of this program: neoforge
        ");
    assert_snapshot!(refused(&portfolio, &["run", "brief.yaml", "--playbook", "nope"]), @r"
        exit code 2
        --- err ---
        error[F0103]: there is no playbook `nope`
        hint: playbooks of this program: mvp
        ");
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
    assert_snapshot!(said(b"{\n  \"product\": [1,\n"), @r"
        exit code 2
        --- err ---
        error[F0102]: blueprint.json:3:1: this is not JSON: EOF while parsing a value; write a JSON object
        hint: nothing was created; fix the blueprint and run the command again
        ");
    assert_snapshot!(said(b"{\n  \"product\": { \"name\": \"caf\xe9\" }\n}\n"), @r"
        exit code 2
        --- err ---
        error[F0102]: blueprint.json:2:28: the byte 0xe9 at offset 29 is not UTF-8; save the file as UTF-8
        hint: nothing was created; fix the blueprint and run the command again
        ");
    assert_snapshot!(said(b"{\n  \"schema_version\": 1,\n  \"roles\": 3\n}\n"), @r"
        exit code 2
        --- err ---
        error[F0102]: blueprint.json:3:12: /roles: this is a number; write a list
        hint: nothing was created; fix the blueprint and run the command again
        ");
    assert_snapshot!(refused(&portfolio, &["run", "--blueprint", "missing.json"]), @r"
        exit code 2
        --- err ---
        error[F0102]: missing.json: cannot be read: No such file or directory (os error 2); give the path of a blueprint
        hint: nothing was created; fix the blueprint and run the command again
        ");
}

#[test]
fn a_portfolio_of_somebody_else_is_not_used() {
    let portfolio = Portfolio::new();
    let inside = portfolio.root().join("inside");
    fs::create_dir(&inside).unwrap();
    if chown(portfolio.root().join("factory.toml"), Some(54_321), None).is_err() {
        // Only root can give a file away.
        return;
    }
    for words in [&["startup", "ls"][..], &["config", "show"], &["doctor"]] {
        let said = Output::of(
            portfolio
                .command(words)
                .current_dir(&inside)
                .spawn()
                .unwrap(),
        );
        assert_eq!(said.code, Some(4), "{said}");
        assert!(
            said.err.contains("belongs to user 54321, not to you"),
            "{said}"
        );
    }
}

#[test]
fn a_portfolio_whose_folders_are_links_is_not_used() {
    for name in [".factory", "startups"] {
        let portfolio = Portfolio::new();
        let (own, elsewhere) = (portfolio.root().join(name), tempfile::tempdir().unwrap());
        fs::remove_dir_all(&own).unwrap();
        symlink(elsewhere.path(), &own).unwrap();
        let said = portfolio.say(&["startup", "ls"]);
        assert_eq!(said.code, Some(4), "{said}");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    }
}

#[test]
fn not_a_portfolio() {
    let none = Portfolio::none();
    none.file("brief.yaml", BRIEF);
    assert_snapshot!(refused(&none, &["run", "brief.yaml"]), @r"
        exit code 3
        --- err ---
        error[F0201]: neither `[FOLDER]/p` nor any folder above it is a portfolio
        hint: create one with `factory init`, or name one with `--portfolio DIR`
        ");
    assert_snapshot!(refused(&none, &["startup", "ls", "--json"]), @r#"
        exit code 3
        --- err ---
        {"type":"error","code":"F0201","kind":"not_found","message":"neither `[FOLDER]/p` nor any folder above it is a portfolio","hint":"create one with `factory init`, or name one with `--portfolio DIR`"}
        "#);
    // A slip in the name of a folder must not end in the portfolio around it.
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["startup", "ls", "--portfolio", "startups"]), @r"
        exit code 3
        --- err ---
        error[F0201]: `startups` is not a portfolio
        hint: it lies inside the portfolio `[FOLDER]/p`; name that one
        ");
}

#[test]
fn a_portfolio_that_does_not_exist() {
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["startup", "ls", "--portfolio", "/nope"]), @r"
        exit code 3
        --- err ---
        error[F0201]: `/nope` does not exist
        hint: name an existing portfolio, or create one with `factory init DIR`
        ");
}

#[test]
fn a_portfolio_is_made_once() {
    assert_snapshot!(refused(&Portfolio::new(), &["init"]), @r"
        exit code 5
        --- err ---
        error[F0202]: `[FOLDER]/p` is already a portfolio
        hint: build a startup in it with `factory run BRIEF.yaml`
        ");
}

#[test]
fn names_that_nothing_has() {
    let portfolio = Portfolio::new();
    let said = |words: &[&str]| portfolio.say(words).to_string();
    assert_snapshot!(said(&["startup", "show", "nobody"]), @r"
        exit code 3
        --- err ---
        error[F0301]: there is no startup `nobody`
        hint: `factory startup ls` lists them
        ");
    assert_snapshot!(said(&["startup", "up", "nobody"]), @r"
        exit code 3
        --- err ---
        error[F0301]: there is no startup `nobody`
        hint: `factory startup ls` lists them
        ");
    assert_snapshot!(said(&["runs", "show", "nobody.1"]), @r"
        exit code 3
        --- err ---
        error[F0302]: there is no run `nobody.1`
        hint: `factory runs ls` lists them
        ");
    assert_snapshot!(said(&["runs", "cancel", "nobody.1"]), @r"
        exit code 3
        --- err ---
        error[F0302]: there is no run `nobody.1`
        hint: `factory runs ls` lists them
        ");
    assert_snapshot!(said(&["task", "ls", "nobody"]), @r"
        exit code 3
        --- err ---
        error[F0301]: there is no startup `nobody`
        hint: `factory startup ls` lists them
        ");
    assert_snapshot!(said(&["task", "logs", "nobody.1/verify"]), @r"
        exit code 3
        --- err ---
        error[F0303]: there is no task `nobody.1/verify`
        hint: `factory task ls nobody.1` lists the tasks of the run
        ");
    assert_snapshot!(said(&["task", "logs", "verify"]), @r"
        exit code 3
        --- err ---
        error[F0301]: there is no startup `verify`
        hint: name a task by run and task, such as `ledgerly.1/verify`
        ");
    assert_snapshot!(said(&["gate", "show", "nobody.1.niche_validation"]), @r"
        exit code 3
        --- err ---
        error[F0304]: there is no gate `nobody.1.niche_validation`
        hint: `factory gate ls` lists the gates that wait for a decision
        ");
    assert_snapshot!(said(&["gate", "approve", "../../etc"]), @r"
        exit code 2
        --- err ---
        error[F0311]: `../../etc` is not a valid gate: write `STARTUP.NUMBER.GATE`, as in `ledgerly.1.niche_validation`
        ");
}

#[test]
fn settings_that_are_wrong() {
    let portfolio = Portfolio::new();
    let said = |text: &str| {
        portfolio.file("factory.toml", text);
        refused(&portfolio, &["startup", "ls"])
    };
    assert_snapshot!(said("schema_version = 1\n[concurrency]\ntask = 3\n"), @r"
        exit code 2
        --- err ---
        error[F0103]: [FOLDER]/p/factory.toml: unknown setting `concurrency.task` (line 3, column 1)
        hint: did you mean `concurrency.tasks`?
        ");
    assert_snapshot!(said("schema_version = 1\n[concurrency]\ntasks = \"many\"\n"), @r#"
        exit code 2
        --- err ---
        error[F0103]: [FOLDER]/p/factory.toml: invalid type: string "many", expected u32 (line 3, column 9)
        hint: fix the setting and run the command again
        "#);
    assert_snapshot!(said("schema_version = 1\n[ports]\nfirst = 4000\nlast = 3000\n"), @r"
        exit code 2
        --- err ---
        error[F0103]: [FOLDER]/p/factory.toml: `ports.last = 3000` must not be below `ports.first`
        hint: fix the setting and run the command again
        ");
    assert_snapshot!(said("schema_version = 2\n"), @r"
        exit code 2
        --- err ---
        error[F0103]: [FOLDER]/p/factory.toml: unknown schema version 2; this program reads version 1
        hint: fix the setting and run the command again
        ");
    assert_snapshot!(said("schema_version = 1\n[concurrency\n"), @r"
        exit code 2
        --- err ---
        error[F0103]: [FOLDER]/p/factory.toml: unclosed table, expected `]` (line 2, column 13)
        hint: fix the setting and run the command again
        ");
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
        Output::of(child).to_string()
    };
    assert_snapshot!(said("FACTORY_CONCURENCY__TASKS", "3"), @r"
        exit code 2
        --- err ---
        error[F0103]: FACTORY_CONCURENCY__TASKS: unknown setting `FACTORY_CONCURENCY__TASKS`
        hint: did you mean `FACTORY_CONCURRENCY__TASKS`?
        ");
    assert_snapshot!(said("FACTORY_CONCURRENCY__TASKS", "many"), @r"
        exit code 2
        --- err ---
        error[F0103]: FACTORY_CONCURRENCY__TASKS: `many` is not a whole number
        hint: fix the setting and run the command again
        ");
    assert_snapshot!(said("FACTORY_LOG", "debug"), @r"
        exit code 2
        --- err ---
        error[F0103]: FACTORY_LOG: unknown setting `FACTORY_LOG`
        hint: did you mean `FACTORY_LOG__LEVEL`?
        ");
    assert_snapshot!(refused(&portfolio, &["--log", "loud", "startup", "ls"]), @r"
        exit code 2
        --- err ---
        error[F0103]: `--log loud`: unknown level
        hint: levels: error, warn, info, debug, trace
        ");
    portfolio.file("brief.yaml", BRIEF);
    let child = portfolio
        .command(&["run", "brief.yaml"])
        .env("FACTORY_PLAYBOOK", "nope")
        .spawn();
    assert_snapshot!(Output::of(child.unwrap()), @r"
        exit code 2
        --- err ---
        error[F0103]: there is no playbook `nope`
        hint: playbooks of this program: mvp
        ");
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
    let before = portfolio.everything().into_keys().collect::<Vec<_>>();
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
        let names = portfolio.everything().into_keys().collect::<Vec<_>>();
        assert_eq!(names, before, "{words:?} left something behind");
        assert_eq!(said.code, Some(5), "{said}");
        if words.len() == 1 {
            assert_snapshot!(portfolio.plain(&said.to_string()), @r"
        exit code 5
        --- err ---
        error[F0204]: open the store of `[FOLDER]/p`: open `[FOLDER]/p/.factory/factory.db`: its schema version is 2, but this program supports at most 1
        hint: use the version of `factory` that wrote it, or a newer one; nothing was changed
        ");
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
    assert_snapshot!(portfolio.plain(&said.to_string()), @r"
        exit code 1
        --- err ---
        error[F0205]: open the store of `[FOLDER]/p`: open `[FOLDER]/p/.factory/factory.db`: not a SQLite database
        hint: nothing was changed; look at the disk, or go back to a backup of `.factory/`
        ");
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
        assert_snapshot!(portfolio.plain(&said.to_string()), @r"
        exit code 1
        --- err ---
        error[F0203]: another `factory` (process [PID]) holds the portfolio `[FOLDER]/p` and does not answer on its control socket
        hint: wait for it, or end that process; nothing was changed and nothing is lost
        ");
    }
    assert!(
        fs::read(hidden.join("factory.db")).unwrap() == store,
        "the store was touched"
    );
    drop((listener, lock));
    assert_eq!(portfolio.ok(&["startup", "ls", "--json"]).out, "[]\n");
}

#[test]
fn what_is_no_file_that_ends_is_not_read_as_a_brief() {
    let portfolio = Portfolio::new();
    assert_snapshot!(refused(&portfolio, &["run", "/dev/zero"]), @r"
        exit code 2
        --- err ---
        error[F0101]: /dev/zero: this is a device, not a file; give the path of a brief
        hint: nothing was created; fix the brief and run the command again
        ");
    let huge = portfolio.file("huge.yaml", format!("{BRIEF}{}", "#".repeat(1 << 20)));
    assert_snapshot!(refused(&portfolio, &["run", "huge.yaml"]), @r"
        exit code 2
        --- err ---
        error[F0101]: huge.yaml: the file is larger than 1 MiB; give the path of a brief
        hint: nothing was created; fix the brief and run the command again
        ");
    fs::remove_file(huge).unwrap();
    let blueprint = ["run", "--blueprint", "/dev/zero"];
    assert!(refused(&portfolio, &blueprint).contains("F0102"));
    // A pipe is read to its end, as the shell's `<(…)`.
    let mut command = portfolio.command(&["run", "/dev/stdin"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let wrong = BRIEF.replace("one_liner", "tagline");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(wrong.as_bytes())
        .unwrap();
    let said = Output::of(child);
    assert!(
        said.err
            .contains("/dev/stdin:3:1: the key `tagline` is unknown"),
        "{said}"
    );
}

#[test]
fn more_of_the_machine_than_there_is() {
    let portfolio = Portfolio::new();
    portfolio.file(
        "brief.yaml",
        format!("{BRIEF}resources: {{ cpu_cores: 250.5 }}\n"),
    );
    let said = portfolio
        .say(&["run", "brief.yaml", "--template", "mini"])
        .err;
    assert!(
        said.contains("startup `ledgerly` asks for 250.5 cores, but this machine has "),
        "{said}"
    );
    let (_, has) = said.split_once("this machine has ").unwrap();
    assert!(has.lines().next().unwrap().ends_with(" cores"), "{said}");
}

#[test]
fn a_folder_of_templates_that_is_not_there() {
    let portfolio = Portfolio::new();
    portfolio.file(
        "factory.toml",
        "schema_version = 1\n[templates]\ndir = \"nowhere\"\n",
    );
    portfolio.file("brief.yaml", BRIEF);
    assert_snapshot!(refused(&portfolio, &["run", "brief.yaml"]), @r"
        exit code 2
        --- err ---
        error[F0103]: `templates.dir` is `[FOLDER]/p/nowhere`, which is no folder
        hint: correct the setting; `factory config show --origin` says where it stands
        ");
}
