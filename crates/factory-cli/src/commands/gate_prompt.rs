//! Gates asked inline on a terminal, one after the other, while the runs continue.
//!
//! A question is shown with everything that a decision needs before an answer is read. It is withdrawn as soon as
//! somebody else decides the gate.

use std::collections::VecDeque;

use factory_app::error::{AppError, Kind};
use factory_app::factory::{Factory, GateAnswer, GateDetail, RunDetail, decided};
use factory_app::quantity::counted;
use factory_core::event::Event;
use factory_core::id::GateId;
use factory_core::portfolio::{self, Decision, Verdict};
use factory_core::projection::GateState;
use factory_core::run::{CheckState, StoryState};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::gate::page;
use crate::output;
use crate::screen::{Dialog, Keyboard, Reply, dialog_columns, first_columns, plain, wrap};

/// Recorded as the one who decided.
const BY: &str = "a person at the terminal";
const KEYS: &str = "a approve · r reject · q ask a question · s show everything · Ctrl-D decide later · Ctrl-C interrupt everything";
/// Where nobody acts on a question.
const KEYS_WITHOUT_QUESTION: &str =
    "a approve · r reject · s show everything · Ctrl-D decide later · Ctrl-C interrupt everything";
/// Why nobody does.
const NO_QUESTION: &str = "nobody would act on a question here: what was done by machine would be done again in the same way; approve or reject";
/// Stories that were built are listed up to this number; those that were not are always listed.
const BUILT_LISTED_MAX: usize = 12;
/// Lines of an artifact that are shown with the question.
const PREVIEW_LINES: usize = 5;

/// What happened to a gate.
#[derive(Debug)]
pub(super) enum GateNews {
    Opened(GateId),
    Decided(GateId, Decision),
    /// Its run has ended.
    Closed(GateId),
}

impl GateNews {
    /// What an event says about a gate.
    pub(super) fn of(event: &Event) -> Option<Self> {
        use portfolio::Event as P;
        match event {
            Event::Portfolio(P::GateOpened { gate_id, .. }) => Some(Self::Opened(gate_id.clone())),
            Event::Portfolio(P::GateDecided {
                gate_id, decision, ..
            }) => Some(Self::Decided(gate_id.clone(), decision.clone())),
            Event::Portfolio(P::GateClosed { gate_id }) => Some(Self::Closed(gate_id.clone())),
            _ => None,
        }
    }
}

/// Asks about every gate that opens. Never returns, unless that fails; a gate that a person leaves undecided is told
/// to `left`, and is asked about again only when it opens anew.
pub(super) async fn ask_inline(
    factory: &dyn Factory,
    news: UnboundedReceiver<GateNews>,
    left: UnboundedSender<GateId>,
    mut keyboard: Keyboard,
) -> Result<(), AppError> {
    let mut asker = Asker {
        factory,
        news,
        open: VecDeque::new(),
        answered_count: 0,
    };
    while asker.next_gate().await {
        let mut dialog = Dialog::open(&mut keyboard);
        asker.answered_count = 0;
        while let Some(gate_id) = asker.open.front().cloned() {
            if asker.ask(&mut dialog, &gate_id).await? == Asked::Left {
                // Whoever listens is gone only when the command ends.
                drop(left.send(gate_id.clone()));
            }
            asker.open.retain(|open| *open != gate_id);
            asker.answered_count += 1;
            asker.catch_up();
        }
    }
    std::future::pending().await
}

struct Asker<'a> {
    factory: &'a dyn Factory,
    news: UnboundedReceiver<GateNews>,
    /// Gates that wait, the one that is being asked about first.
    open: VecDeque<GateId>,
    /// Gates settled since the screen was taken.
    answered_count: usize,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// A person answered, or the gate needs no answer any more.
    Settled,
    /// The input has ended: the gate waits.
    Left,
}

impl Asker<'_> {
    /// Waits until a gate is open; false if there will never be one.
    async fn next_gate(&mut self) -> bool {
        while self.open.is_empty() {
            let Some(news) = self.news.recv().await else {
                return false;
            };
            self.take_in(news);
            self.catch_up();
        }
        true
    }

    fn catch_up(&mut self) {
        while let Ok(news) = self.news.try_recv() {
            self.take_in(news);
        }
    }

    fn take_in(&mut self, news: GateNews) {
        match news {
            GateNews::Opened(gate_id) if self.open.contains(&gate_id) => {}
            GateNews::Opened(gate_id) => self.open.push_back(gate_id),
            GateNews::Decided(gate_id, _) | GateNews::Closed(gate_id) => {
                self.open.retain(|open| *open != gate_id);
            }
        }
    }

    async fn ask(&mut self, dialog: &mut Dialog<'_>, gate_id: &GateId) -> Result<Asked, AppError> {
        let detail = self.factory.gate(gate_id).await?;
        if detail.gate.state != GateState::Open {
            return Ok(Asked::Settled);
        }
        let run = self.factory.run(&detail.gate.run_id).await?;
        let total = self.answered_count + self.open.len();
        dialog.print(&question(
            &detail,
            &run,
            (self.answered_count + 1, total),
            dialog_columns(),
        ));
        dialog.discard_input();
        loop {
            let answer = tokio::select! {
                biased;
                why = self.withdrawn(gate_id) => {
                    dialog.say(&format!("{gate_id} {why}"));
                    return Ok(Asked::Settled);
                }
                answer = read_answer(dialog, &detail, &run) => answer,
            };
            let Some((verdict, comment)) = answer else {
                dialog.say(&format!(
                    "{gate_id} stays open; decide it later with `factory gate approve {gate_id}` or \
                     `factory gate reject {gate_id}`"
                ));
                return Ok(Asked::Left);
            };
            let answer = GateAnswer {
                verdict,
                round: u32::try_from(detail.gate.round).ok(),
                by: BY.to_owned(),
                comment,
            };
            match self.factory.decide(gate_id, answer).await {
                Ok(()) => {
                    dialog.say(&format!("{} {gate_id}", decided(verdict)));
                    return Ok(Asked::Settled);
                }
                Err(error) => {
                    dialog.say(&output::failure_text(&error));
                    // Somebody was faster; a gate that was opened again is asked about again.
                    if error.kind() == Kind::Conflict {
                        return Ok(Asked::Settled);
                    }
                }
            }
        }
    }

    /// Resolves when this gate needs no answer any more, with the reason.
    async fn withdrawn(&mut self, gate_id: &GateId) -> String {
        while let Some(news) = self.news.recv().await {
            match news {
                GateNews::Decided(other, decision) if other == *gate_id => {
                    return decided_elsewhere(&decision);
                }
                GateNews::Closed(closed) if closed == *gate_id => {
                    return "was closed: its run has ended".to_owned();
                }
                news => self.take_in(news),
            }
        }
        std::future::pending().await
    }
}

fn decided_elsewhere(decision: &Decision) -> String {
    let verdict = decided(decision.verdict);
    match decision.by.strip_prefix("policy: ") {
        Some(policy) => format!("was {verdict} by policy {policy}"),
        None => format!("was {verdict} by {} in another terminal", decision.by),
    }
}

/// What a person may type.
#[derive(Debug, PartialEq, Eq)]
enum Choice<'a> {
    Nothing,
    Approve(Option<&'a str>),
    Reject(Option<&'a str>),
    Ask(Option<&'a str>),
    Show,
    Unknown,
}

fn parse(line: &str) -> Choice<'_> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = Some(rest.trim()).filter(|rest| !rest.is_empty());
    match word {
        "" => Choice::Nothing,
        "a" | "approve" => Choice::Approve(rest),
        "r" | "reject" => Choice::Reject(rest),
        "q" | "ask" => Choice::Ask(rest),
        "s" | "show" => Choice::Show,
        _ => Choice::Unknown,
    }
}

/// Reads until there is an answer; nothing when the input ends.
async fn read_answer(
    dialog: &mut Dialog<'_>,
    detail: &GateDetail,
    run: &RunDetail,
) -> Option<(Verdict, Option<String>)> {
    loop {
        let line = match dialog.line("> ").await {
            Reply::Line(line) => line,
            Reply::Cancelled => continue,
            Reply::Ended => return None,
        };
        match parse(&line) {
            Choice::Nothing => {}
            Choice::Approve(comment) => {
                return Some((Verdict::Approve, comment.map(str::to_owned)));
            }
            Choice::Reject(comment) => {
                let question = format!("Reject {}? This ends the run.", detail.gate.gate_id);
                if dialog.confirm(&question).await {
                    return Some((Verdict::Reject, comment.map(str::to_owned)));
                }
                dialog.say("not rejected");
            }
            Choice::Ask(_) if !detail.takes_questions => dialog.say(NO_QUESTION),
            Choice::Ask(Some(comment)) => return Some((Verdict::Ask, Some(comment.to_owned()))),
            Choice::Ask(None) => {
                dialog.say("Your question; Esc or an empty line cancels.");
                match dialog.line("question > ").await {
                    Reply::Line(comment) if !comment.is_empty() => {
                        return Some((Verdict::Ask, Some(comment)));
                    }
                    Reply::Line(_) | Reply::Cancelled => dialog.say("nothing asked"),
                    Reply::Ended => return None,
                }
            }
            Choice::Show => dialog.print(&page(detail, run)),
            Choice::Unknown if detail.takes_questions => {
                dialog.say("answer a, r, q or s, then Enter");
            }
            Choice::Unknown => dialog.say("answer a, r or s, then Enter"),
        }
    }
}

/// What a person reads before they decide: the gate, the question, the beginning of what is decided on.
fn question(
    detail: &GateDetail,
    run: &RunDetail,
    (number, total): (usize, usize),
    width: usize,
) -> String {
    let gate = &detail.gate;
    let slug = gate.gate_id.run().slug();
    let place = if total > 1 {
        format!("── gate {number} of {total} ")
    } else {
        "── gate ".to_owned()
    };
    let rule = "─".repeat(width.saturating_sub(place.chars().count()).min(40));
    let mut lines = vec![
        String::new(),
        format!("{place}{rule}"),
        wrap(
            &format!("{slug} · {} · round {}", gate.name, gate.round),
            width,
        ),
        wrap(&gate.question, width),
    ];
    let preview = preview(detail, run, width);
    if !preview.is_empty() {
        lines.push(String::new());
        lines.extend(preview);
        let all = format!(
            "In full: s, or `factory gate show {}` elsewhere.",
            gate.gate_id
        );
        lines.push(wrap(&all, width));
    }
    lines.push(String::new());
    let keys = if detail.takes_questions {
        KEYS
    } else {
        KEYS_WITHOUT_QUESTION
    };
    lines.push(wrap(keys, width));
    lines.join("\n")
}

fn preview(detail: &GateDetail, run: &RunDetail, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (file, text) in &detail.artifacts {
        let count = text.lines().count() as u64;
        lines.push(format!("{file} ({})", counted(count, "line")));
        let content = text.lines().filter(|line| !line.trim().is_empty());
        lines.extend(
            content
                .take(PREVIEW_LINES)
                .map(|line| indented(line, width)),
        );
    }
    let passed = run
        .checks
        .iter()
        .filter(|check| check.result == CheckState::Passed);
    if !run.checks.is_empty() {
        lines.push(format!(
            "checks: {} of {} passed",
            passed.count(),
            run.checks.len()
        ));
        let red = run
            .checks
            .iter()
            .filter(|check| check.result != CheckState::Passed);
        lines.extend(red.map(|check| {
            indented(
                &format!("{} {}: {}", check.check_name, check.result, check.detail),
                width,
            )
        }));
        let (built, total) = (run.run.stories_built, run.run.stories_total);
        lines.push(format!("stories: {built} of {total} built"));
        lines.extend(stories(run, width));
    }
    lines
}

/// Those that were not built come first and in full: they are what a release lacks.
fn stories(run: &RunDetail, width: usize) -> Vec<String> {
    let of = |is_built: bool| {
        let stories = run.stories.iter();
        stories.filter(move |story| (story.state != StoryState::NotBuilt) == is_built)
    };
    let mut lines = Vec::new();
    for story in of(false) {
        let why = story.why.as_deref().unwrap_or("no reason is known");
        let text = format!("not built: {} {} ({why})", story.story_id, story.text);
        let broken = wrap(&plain(&text), width.saturating_sub(4));
        lines.push(format!("  {}", broken.replace('\n', "\n    ")));
    }
    let built = of(true).take(BUILT_LISTED_MAX);
    lines.extend(
        built.map(|story| indented(&format!("built: {} {}", story.story_id, story.text), width)),
    );
    let more = of(true).count().saturating_sub(BUILT_LISTED_MAX);
    if more > 0 {
        lines.push(format!("  and {more} more that were built"));
    }
    lines
}

fn indented(line: &str, width: usize) -> String {
    let line = plain(line);
    format!(
        "  {}",
        first_columns(line.trim_end(), width.saturating_sub(2))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_words_or_their_first_letters() {
        for (line, choice) in [
            ("", Choice::Nothing),
            ("a", Choice::Approve(None)),
            ("approve  looks good", Choice::Approve(Some("looks good"))),
            ("r", Choice::Reject(None)),
            ("q why so?", Choice::Ask(Some("why so?"))),
            ("ask", Choice::Ask(None)),
            ("s", Choice::Show),
            ("yes", Choice::Unknown),
            ("what?", Choice::Unknown),
        ] {
            assert_eq!(parse(line), choice, "{line:?}");
        }
    }
}
