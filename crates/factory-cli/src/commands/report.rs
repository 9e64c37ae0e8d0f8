//! The end of `factory run`: exit code, table, and what to type next.

use factory_app::factory::{CheckSummary, StartupSummary, Summary};
use factory_core::id::GateId;
use factory_core::projection::StartupState;
use factory_core::run::CheckState;

use super::place::{brief_path, there};
use crate::exit;
use crate::output::{self, Format};
use crate::screen::last_columns;
use crate::session::Session;

/// Whether it waits for a person's decision.
fn waits(startup: &StartupSummary) -> bool {
    startup.state == StartupState::Waiting
}

/// The exit code of a run that ended like this.
pub(super) fn code(summary: &Summary) -> u8 {
    let all = |state: StartupState| {
        summary
            .startups
            .iter()
            .all(|startup| startup.state == state)
    };
    let some_wait = summary.startups.iter().any(waits);
    let ended_badly = summary
        .startups
        .iter()
        .any(|startup| startup.state.is_final() && startup.state != StartupState::Verified);
    let behind = summary
        .startups
        .iter()
        .any(|startup| startup.checkout_behind);
    if all(StartupState::Verified) && behind {
        exit::CONFLICT
    } else if all(StartupState::Verified) {
        exit::OK
    } else if some_wait && !ended_badly {
        exit::WAITING
    } else {
        exit::FAILED
    }
}

/// The summary, and what to type next.
pub(super) fn report(
    format: Format,
    session: &Session,
    summary: &Summary,
    interrupted: Option<u8>,
) {
    if format == Format::Json {
        output::data(&output::json(summary));
        return;
    }
    if summary.startups.is_empty() {
        return;
    }
    output::data("");
    output::data(&table(summary, output::width()));
    for startup in &summary.startups {
        if let Some(reason) = &startup.reason {
            output::sentence(&format!("{}: {reason}", startup.slug));
        }
        if startup.checkout_behind {
            let (slug, folder) = (&startup.slug, startup.path.display());
            output::sentence(&format!(
                "{slug}: the files in `{folder}` are behind what landed, because of edits or a lock of another git \
                 (see `git status` there); do not commit; undo or move the edits, and `factory startup up {slug}` updates them"
            ));
        }
    }
    let there = there(session.portfolio_dir.root());
    if interrupted.is_some() {
        output::words(&format!(
            "\ninterrupted; nothing is lost. Resume with: factory run{there}"
        ));
        return;
    }
    let waiting: Vec<&GateId> = summary
        .startups
        .iter()
        .filter(|startup| waits(startup))
        .flat_map(|startup| &startup.gates)
        .collect();
    if let Some(first) = waiting.first() {
        let count = match waiting.len() {
            1 => "a gate waits for your decision".to_owned(),
            count => format!("{count} gates wait for your decision"),
        };
        output::words(&format!(
            "\n{count}; see it with: factory gate show {first}{there}"
        ));
    } else if let Some(built) = summary
        .startups
        .iter()
        .find(|startup| startup.state == StartupState::Verified)
    {
        output::words(&format!("\nnext: factory startup up {}{there}", built.slug));
    } else if let Some(first) = summary.startups.first() {
        let slug = &first.slug;
        output::words(&format!("\nnext: factory startup show {slug}{there}"));
        if first.state.is_final() {
            output::words(&format!("to build it again: factory run BRIEF.yaml{there}"));
        }
    }
}

/// Columns that a narrow terminal does without, the first first; each startup is shown in full by `startup show`.
const DISPENSABLE: [&str; 5] = ["product in", "cost", "merges (auto)", "landed", "tasks"];
/// The end of a path that is shown where there is little room.
const PATH_WIDTH: usize = 24;

type Cell = fn(&StartupSummary) -> String;

/// The columns of the summary in full.
const COLUMNS: [(&str, Cell); 10] = [
    ("startup", |startup| startup.slug.to_string()),
    ("state", |startup| startup.state.to_string()),
    ("tasks", |startup| startup.tasks.to_string()),
    ("landed", |startup| startup.landed.to_string()),
    ("merges", |startup| {
        format!(
            "{} ({} automatic)",
            startup.merges, startup.merges_automatic
        )
    }),
    ("stories", |startup| {
        format!("{}/{}", startup.stories.built, startup.stories.total)
    }),
    ("checks", |startup| {
        let passed = |check: &&CheckSummary| check.result == CheckState::Passed;
        let passed = startup.verified.iter().filter(passed).count();
        format!("{passed}/{}", startup.verified.len())
    }),
    ("cost", |startup| format!("${:.2}", startup.cost_usd)),
    ("time", |startup| format!("{:.0} s", startup.seconds)),
    ("product", |startup| brief_path(&startup.path)),
];

/// The summary in as many columns as fit: long cells are abbreviated first, then columns are left out.
fn table(summary: &Summary, width: Option<usize>) -> String {
    let mut columns = COLUMNS.to_vec();
    let mut dispensable = DISPENSABLE.iter();
    loop {
        let text = grid(summary, &columns, None);
        let Some(width) = width.filter(|width| !output::fits(&text, *width)) else {
            return text;
        };
        if abbreviate(&mut columns) {
            continue;
        }
        match dispensable.next() {
            Some(name) => columns.retain(|(head, _)| head != name),
            None => return grid(summary, &columns, Some(width)),
        }
    }
}

fn grid(summary: &Summary, columns: &[(&str, Cell)], width: Option<usize>) -> String {
    let head: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let row = |startup| columns.iter().map(|(_, cell)| cell(startup)).collect();
    output::table_within(width, &head, summary.startups.iter().map(row))
}

/// Makes the widest cells shorter; whether there was one to shorten.
fn abbreviate(columns: &mut [(&str, Cell)]) -> bool {
    let short: [(&str, &str, Cell); 2] = [
        ("merges", "merges (auto)", |startup| {
            format!("{} ({})", startup.merges, startup.merges_automatic)
        }),
        ("product", "product in", |startup| {
            let path = brief_path(&startup.path);
            match last_columns(&path, PATH_WIDTH) {
                end if end.len() < path.len() => format!("…{end}"),
                whole => whole.to_owned(),
            }
        }),
    ];
    for (name, head, cell) in short {
        if let Some(column) = columns.iter_mut().find(|(head, _)| *head == name) {
            *column = (head, cell);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use factory_app::factory::StoryCount;
    use factory_core::id::Slug;

    use super::*;

    fn startup(slug: &str) -> StartupSummary {
        StartupSummary {
            slug: Slug::parse(slug).unwrap(),
            path: PathBuf::from(format!("/home/ada/ventures/2026/portfolio/startups/{slug}")),
            state: StartupState::Unverified,
            reason: None,
            checkout_behind: false,
            tasks: 128,
            landed: 117,
            merges: 45,
            merges_automatic: 45,
            stories: StoryCount {
                built: 17,
                total: 19,
            },
            verified: Vec::new(),
            gates: Vec::new(),
            cost_usd: 0.0,
            seconds: 1234.0,
        }
    }

    #[test]
    fn a_checkout_that_is_behind_a_verified_product_shows_in_the_exit_code() {
        let ended = |state, checkout_behind| {
            let startup = StartupSummary {
                state,
                checkout_behind,
                ..startup("ledgerly")
            };
            code(&Summary {
                kind: "summary".to_owned(),
                startups: vec![startup],
            })
        };
        assert_eq!(ended(StartupState::Verified, false), exit::OK);
        assert_eq!(ended(StartupState::Verified, true), exit::CONFLICT);
        assert_eq!(ended(StartupState::Unverified, true), exit::FAILED);
    }

    fn at(width: Option<usize>) -> String {
        let startups = vec![startup("ledgerly"), startup("translators-without-borders")];
        let kind = "summary".to_owned();
        table(&Summary { kind, startups }, width)
    }

    #[test]
    fn the_summary_fits_into_the_terminal_and_a_pipe_gets_all_of_it() {
        insta::assert_snapshot!(at(Some(80)), @r"
        STARTUP                      STATE       TASKS  LANDED  STORIES  CHECKS  TIME
        ledgerly                     unverified  128    117     17/19    0/0     1234 s
        translators-without-borders  unverified  128    117     17/19    0/0     1234 s
        ");
        insta::assert_snapshot!(at(Some(100)), @r"
        STARTUP                      STATE       TASKS  LANDED  MERGES (AUTO)  STORIES  CHECKS  TIME
        ledgerly                     unverified  128    117     45 (45)        17/19    0/0     1234 s
        translators-without-borders  unverified  128    117     45 (45)        17/19    0/0     1234 s
        ");
        insta::assert_snapshot!(at(Some(120)), @r"
        STARTUP                      STATE       TASKS  LANDED  MERGES (AUTO)  STORIES  CHECKS  COST   TIME
        ledgerly                     unverified  128    117     45 (45)        17/19    0/0     $0.00  1234 s
        translators-without-borders  unverified  128    117     45 (45)        17/19    0/0     $0.00  1234 s
        ");
        for width in 80..160 {
            assert!(output::fits(&at(Some(width)), width), "{width}");
        }
        let all = at(None);
        assert!(all.contains("45 (45 automatic)"), "{all}");
        assert!(
            all.contains("/home/ada/ventures/2026/portfolio/startups/ledgerly"),
            "{all}"
        );
    }
}
