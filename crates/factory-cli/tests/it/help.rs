//! What the program says about itself.

use insta::assert_snapshot;

use crate::environment::Portfolio;

#[test]
fn help_lists_every_word_and_every_exit_code() {
    let said = Portfolio::none().ok(&["--help"]);
    assert_snapshot!(said, @r"
        exit code 0
        --- out ---
        From brief to a working, tested product, many at once

        Usage: factory [OPTIONS] <COMMAND>

        Commands:
          demo     Build the five example startups, without any key, to five verified products
          init     Make a portfolio
          run      Build startups from briefs; without a brief, go on with what is under way
          startup  Startups of the portfolio
          runs     Runs of startups
          task     Tasks of runs
          gate     Checks by people
          config   Settings
          doctor   What this machine offers, and what it cannot enforce
          help     Print this message or the help of the given subcommand(s)

        Options:
              --json             Answer in JSON on stdout
              --portfolio <DIR>  The portfolio's folder; by default the current one or one above it
              --log <LEVEL>      How much is logged to stderr: error, warn, info, debug, trace
          -h, --help             Print help
          -V, --version          Print version

        Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 waiting for a person,
        7 budget exceeded, 8 timeout, 130 interrupted
        ");
}

#[test]
fn a_noun_has_help_of_its_own() {
    let said = Portfolio::none().ok(&["gate", "--help"]);
    assert_snapshot!(said, @r"
        exit code 0
        --- out ---
        Checks by people

        Usage: factory gate [OPTIONS] <COMMAND>

        Commands:
          ls       Gates that wait for a decision
          show     A gate with what is to be decided on
          approve  Go on
          reject   End the run
          ask      Repeat the phase with a question
          help     Print this message or the help of the given subcommand(s)

        Options:
              --json             Answer in JSON on stdout
              --portfolio <DIR>  The portfolio's folder; by default the current one or one above it
              --log <LEVEL>      How much is logged to stderr: error, warn, info, debug, trace
          -h, --help             Print help
          -V, --version          Print version
        ");
}

#[test]
fn the_version_is_the_workspaces() {
    let said = Portfolio::none().ok(&["--version"]);
    assert_eq!(said.out, format!("factory {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_word_is_refused_with_a_guess() {
    let said = Portfolio::none().say(&["rnu"]);
    assert_snapshot!(said, @r"
        exit code 2
        --- err ---
        error: unrecognized subcommand 'rnu'

          tip: a similar subcommand exists: 'runs'

        Usage: factory [OPTIONS] <COMMAND>

        For more information, try '--help'.
        ");
}

#[test]
fn words_that_exclude_each_other_are_refused() {
    let said = Portfolio::none().say(&["run", "a.yaml", "--blueprint", "b.json"]);
    assert_snapshot!(said, @r"
        exit code 2
        --- err ---
        error: the argument '[BRIEF]...' cannot be used with '--blueprint <FILE>'

        Usage: factory run <BRIEF>...

        For more information, try '--help'.
        ");
}
