//! What the program says about itself.

use insta::assert_snapshot;

use crate::environment::Portfolio;

#[test]
fn help_lists_every_word_and_every_exit_code() {
    let said = Portfolio::none().ok(&["--help"]);
    assert_snapshot!(said, @"");
}

#[test]
fn a_noun_has_help_of_its_own() {
    let said = Portfolio::none().ok(&["gate", "--help"]);
    assert_snapshot!(said, @"");
}

#[test]
fn the_version_is_the_workspaces() {
    let said = Portfolio::none().ok(&["--version"]);
    assert_eq!(said.out, format!("factory {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_word_is_refused_with_a_guess() {
    let said = Portfolio::none().say(&["rnu"]);
    assert_snapshot!(said, @"");
}

#[test]
fn words_that_exclude_each_other_are_refused() {
    let said = Portfolio::none().say(&["run", "a.yaml", "--blueprint", "b.json"]);
    assert_snapshot!(said, @"");
}
