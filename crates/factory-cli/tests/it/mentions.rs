//! Every command line of the program that its words, schemas or pages mention can be given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use crate::environment::Portfolio;

/// Each command by its words after `factory`, with its options; nouns are commands, too.
type Tree = BTreeMap<Vec<String>, BTreeSet<String>>;

/// Words before `factory` that make it the noun, not the command.
const ARTICLES: [&str; 4] = ["the", "The", "a", "A"];

#[test]
fn every_command_line_that_is_mentioned_exists() {
    let tree = tree();
    let mentions = mentions();
    assert!(mentions.len() >= 100, "{} mentions", mentions.len());
    let wrong: Vec<String> = mentions
        .iter()
        .filter_map(|(place, line)| Some(format!("{place}: `{line}`: {}", fault(line, &tree)?)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_tree_is_the_one_of_the_program() {
    let tree = tree();
    let options = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        tree.get(&words).unwrap_or_else(|| panic!("{words:?}"))
    };
    assert!(options(&[]).contains("--version"));
    assert!(options(&["run"]).contains("--auto-approve"));
    assert!(options(&["gate"]).contains("--json"));
    assert!(options(&["gate", "ask"]).contains("--round"));
    assert!(!options(&["gate", "ls"]).contains("--round"));
}

#[test]
fn a_command_line_that_does_not_exist_is_found() {
    let tree = tree();
    for (line, expected) in [
        ("factory template ls", "`template` is not a command"),
        ("factory runs list", "`list` is not a command of `runs`"),
        ("factory gate GATE", "`GATE` is not a command of `gate`"),
        ("factory run --aprove BRIEF", "`--aprove` is not an option"),
        ("factory --jsn doctor", "`--jsn` is not an option"),
        (
            "factory startup up|stop X",
            "`stop` is not a command of `startup`",
        ),
    ] {
        assert_eq!(fault(line, &tree).unwrap(), expected);
    }
    for line in [
        "factory",
        "factory --version",
        "factory help startup",
        "factory gate",
        "factory gate ask GATE \"who pays for it today?\"",
        "factory run --portfolio=DIR briefs/*.yaml",
        "factory --json runs ls",
        "factory startup up|down SLUG",
        "factory config show --origin",
        "factory gate …",
    ] {
        assert_eq!(fault(line, &tree), None, "{line}");
    }
}

#[test]
fn mentions_are_found_in_texts_and_prose_is_not() {
    let markdown = "\
The factory dies. Give `factory template ls`, then `cd x && factory doctor --json`.
A `factory
run BRIEF` that is wrapped; `the factory is` none, nor is `factory.toml` or `factory:begin`.

```console
$ factory init ventures   # makes it
prints factory words
FACTORY_X=1 factory run a.yaml; factory gate ls
```
";
    assert_eq!(
        in_markdown(markdown),
        [
            (1, "factory template ls"),
            (1, "factory doctor --json"),
            (2, "factory run BRIEF"),
            (6, "factory init ventures"),
            (8, "factory run a.yaml"),
            (8, "factory gate ls"),
        ]
        .map(|(line, text)| (line, text.to_owned()))
    );
    let rust = r#"
        /// Gives `factory runs ls`; the rest of the factory stands still.
        fn f() {
            say("see factory doctor, or `factory gate show {gate}` for more");
            let hint = format!("factory template ls\nthe factory does");
        }
    "#;
    assert_eq!(
        in_rust(rust),
        [
            (2, "factory runs ls"),
            (4, "factory gate show"),
            (4, "factory doctor"),
            (5, "factory template ls"),
        ]
        .map(|(line, text)| (line, text.to_owned()))
    );
}

/// What the program says of itself, from its help.
fn tree() -> Tree {
    let mut tree = Tree::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let mut call: Vec<&str> = words.iter().map(String::as_str).collect();
        call.push("--help");
        let help = Portfolio::none().ok(&call).out;
        let mut section = "";
        let mut options = BTreeSet::new();
        for line in help.lines() {
            if !line.starts_with(' ') {
                section = line;
            } else if section == "Commands:" {
                // A description that is wrapped stands further in.
                let word = line
                    .strip_prefix("  ")
                    .and_then(|line| line.split(' ').next());
                if let Some(word) = word.filter(|word| !word.is_empty() && *word != "help") {
                    open.push([words.as_slice(), &[word.to_owned()]].concat());
                }
            } else if section == "Options:" {
                let spelled = line.split([' ', ',']).filter(|word| word.starts_with('-'));
                options.extend(spelled.map(str::to_owned));
            }
        }
        tree.insert(words, options);
    }
    tree
}

/// Why a command line cannot be given.
fn fault(line: &str, tree: &Tree) -> Option<String> {
    let mut at: Vec<String> = Vec::new();
    let mut is_complete = false;
    for word in line.split_whitespace().skip(1) {
        if word.starts_with('-') {
            let option = word.split('=').next().unwrap_or(word);
            let is_known = tree.get(&at).is_some_and(|known| known.contains(option));
            if !is_known && option.len() > 2 {
                return Some(format!("`{option}` is not an option"));
            }
            continue;
        }
        let takes_commands = tree
            .keys()
            .any(|words| words.len() == at.len() + 1 && words.starts_with(&at));
        if is_complete || !takes_commands || word == "…" || (at.is_empty() && word == "help") {
            // What follows are arguments.
            is_complete = true;
            continue;
        }
        let mut next = at.clone();
        for choice in word.split('|') {
            next = [at.as_slice(), &[choice.to_owned()]].concat();
            if !tree.contains_key(&next) {
                let of = at
                    .first()
                    .map_or(String::new(), |noun| format!(" of `{noun}`"));
                return Some(format!("`{choice}` is not a command{of}"));
            }
        }
        at = next;
    }
    None
}

/// Every command line that the repository mentions, with its place.
fn mentions() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    collect(&root.join("docs"), &mut files);
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        collect(&entry.unwrap().path().join("src"), &mut files);
    }
    let mut all = Vec::new();
    for file in files {
        let extension = file.extension().unwrap_or_default();
        let find: fn(&str) -> Vec<(usize, String)> = match extension.to_str() {
            Some("rs") => in_rust,
            // Descriptions in a schema are Markdown in one line.
            Some("md" | "json") => in_markdown,
            _ => continue,
        };
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let found = find(&fs::read_to_string(&file).unwrap());
        all.extend(
            found
                .into_iter()
                .map(|(line, text)| (format!("{name}:{line}"), text)),
        );
    }
    all
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Command lines in code spans and code blocks.
fn in_markdown(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut prose = String::new();
    let mut is_block = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            let commands = line
                .split("&&")
                .flat_map(|part| part.split([';', '|', '#']));
            found.extend(commands.filter_map(|command| Some((index + 1, command_line(command)?))));
        } else {
            prose.push_str(line);
        }
        prose.push('\n');
    }
    let mut line = 1;
    for (place, span) in prose.split('`').enumerate() {
        if place % 2 == 1 {
            let commands = span.split("&&").filter_map(command_line);
            found.extend(commands.map(|command| (line, command)));
        }
        line += span.matches('\n').count();
    }
    found.sort_by_key(|(line, _)| *line);
    found
}

/// The command line that a line of a shell is, without its prompt and its variables.
fn command_line(text: &str) -> Option<String> {
    let mut words = text.split_whitespace().peekable();
    while words
        .next_if(|word| *word == "$" || (word.contains('=') && !word.starts_with('-')))
        .is_some()
    {}
    (words.peek() == Some(&"factory")).then(|| words.collect::<Vec<_>>().join(" "))
}

/// Command lines in doc comments and in texts, there also those without backticks.
fn in_rust(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    literals(text.parse().unwrap(), &mut found);
    found
}

fn literals(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let mut is_doc = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Ident(ident) => is_doc = ident == "doc",
            TokenTree::Punct(_) => {}
            TokenTree::Literal(literal) => {
                let line = literal.span().start().line;
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    let text = without_values(&text.value());
                    let spans = in_markdown(&text).into_iter().map(|(_, text)| text);
                    found.extend(spans.map(|text| (line, text)));
                    if !is_doc {
                        found.extend(bare(&text).map(|text| (line, text)));
                    }
                }
                is_doc = false;
            }
        }
    }
    found.sort_by_key(|(line, _)| *line);
}

/// A text without what `format!` fills in.
fn without_values(text: &str) -> String {
    let mut parts = text.split('{');
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        rest.push_str(part.split_once('}').map_or(part, |(_, after)| after));
    }
    rest
}

/// Command lines outside of code spans: `factory` and the words that follow, unless it is the noun.
fn bare(text: &str) -> impl Iterator<Item = String> {
    let lines = text.split('`').step_by(2).flat_map(str::lines);
    lines.filter_map(|line| {
        let (before, after) = line
            .strip_prefix("factory ")
            .map(|after| ("", after))
            .or_else(|| line.split_once(" factory "))?;
        let is_noun = before
            .split(' ')
            .next_back()
            .is_some_and(|word| ARTICLES.contains(&word));
        let end = after
            .find([',', '.', ';', ':', ')', '\'', '"'])
            .unwrap_or(after.len());
        let after = after.get(..end).unwrap_or(after);
        (!is_noun).then(|| format!("factory {after}"))
    })
}
