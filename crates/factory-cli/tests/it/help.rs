//! What the program says about itself.

use insta::assert_snapshot;

use crate::environment::Portfolio;

#[test]
fn help_lists_every_word_and_every_exit_code() {
    let said = Portfolio::none().ok(&["--help"]);
    assert_snapshot!(said, @r#"
        exit code 0
        --- out ---
        From brief to a working, tested product, many at once

        Usage: factory [OPTIONS] <COMMAND>

        Commands:
          demo     Build the five example startups, without any key, to five verified products
          init     Create a portfolio
          run      Build startups from briefs; without a brief, resume the runs in progress
          startup  List, inspect, start and stop startups
          runs     List, inspect and cancel runs
          task     List the tasks of a run and read their logs
          gate     Human approval gates
          config   Show settings
          doctor   Check this machine: tools, resources, and limits it cannot enforce
          help     Print this message or the help of the given subcommand(s)

        Options:
              --json             Print JSON on stdout; errors become JSON on stderr
              --portfolio <DIR>  The portfolio's folder [default: the current folder or the nearest one
                                 above it]
              --log <LEVEL>      Log level on stderr: error, warn, info, debug, trace
          -h, --help             Print help
          -V, --version          Print version

        Data goes to stdout, messages go to stderr. With --json an error is one JSON line, the last one on
        stderr:
        {"type":"error","code":…,"kind":…,"message":…,"hint":…}

        Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 waiting for a person,
        128 + signal when interrupted (130 for Ctrl-C). Kept for later, and not returned by this version:
        7 budget exceeded, 8 timeout
        "#);
}

#[test]
fn a_noun_has_help_of_its_own() {
    let said = Portfolio::none().ok(&["gate", "--help"]);
    assert_snapshot!(said, @r"
        exit code 0
        --- out ---
        Human approval gates

        Usage: factory gate [OPTIONS] <COMMAND>

        Commands:
          ls       List the gates that wait for a decision
          show     Show a gate and the artifacts it decides on
          approve  Approve: the run continues
          reject   Reject: the run ends
          ask      Send the phase back with a question
          help     Print this message or the help of the given subcommand(s)

        Options:
              --json             Print JSON on stdout; errors become JSON on stderr
              --portfolio <DIR>  The portfolio's folder [default: the current folder or the nearest one
                                 above it]
              --log <LEVEL>      Log level on stderr: error, warn, info, debug, trace
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
