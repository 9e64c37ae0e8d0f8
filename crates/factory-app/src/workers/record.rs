//! What was built and what was not, written into the product.

use factory_core::run::{StoryResult, StoryState};
use factory_engine::staging::TreeChange;
use factory_engine::worker::{Report, WorkError};
use factory_spec::blueprint::Blueprint;
use serde_json::{Value, json};

use super::product::{ARTIFACTS, Job, by_rules, changed, text_file};
use super::worker::FactoryWorker;

impl FactoryWorker {
    /// Writes into the product which stories were built, by whom, and which were not.
    pub(super) async fn record(&self, job: &Job<'_>) -> Result<Report, WorkError> {
        let blueprint = self.blueprint(job).await?;
        let mut stories: Vec<&StoryResult> = job.assignment.stories.values().collect();
        stories.sort_by_key(|result| (result.story.story_id.len(), &result.story.story_id));
        let built = stories.iter().filter(|story| is_built(story)).count();
        let listed: Vec<Value> = stories.iter().map(|story| entry(story)).collect();
        let record = json!({
            "schema_version": 1,
            "stories": { "built": built, "total": stories.len() },
            "story": listed,
        });
        let text = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
        let mut change = TreeChange::default();
        for (file, text) in [
            ("stories.json", text),
            ("stories.md", page(&stories, built, &blueprint)),
        ] {
            let path = format!("{ARTIFACTS}/{file}");
            change.files.insert(path, Some(text_file(text)));
        }
        let note = format!("{built} of {} stories built", stories.len());
        Ok(changed(by_rules(note), change))
    }
}

fn page(stories: &[&StoryResult], built: usize, blueprint: &Blueprint) -> String {
    let mut page = format!("# Stories: {built} of {} built\n\n", stories.len());
    page.push_str(
        "A story is built when its acceptance test passes; what that test shows is listed beside it.\n\n",
    );
    page.push_str("| story | what | how it ended | what its test shows |\n|---|---|---|---|\n");
    for story in stories {
        page.push_str(&row(story, blueprint));
    }
    page
}

fn row(result: &StoryResult, blueprint: &Blueprint) -> String {
    let story = &result.story;
    let found = blueprint
        .stories
        .iter()
        .find(|candidate| candidate.id == story.story_id);
    let shown: Vec<String> = found
        .filter(|_| is_built(result))
        .into_iter()
        .flat_map(|found| &found.acceptance)
        .map(|test| {
            format!(
                "given {}, when {}, then {}",
                test.given, test.when, test.then
            )
        })
        .collect();
    format!(
        "| {} | {} | {} | {} |\n",
        story.story_id,
        cell(&story.text),
        cell(&ending(result)),
        cell(&shown.join("; "))
    )
}

fn is_built(result: &StoryResult) -> bool {
    result.state != StoryState::NotBuilt
}

fn ending(result: &StoryResult) -> String {
    let how = match result.state {
        StoryState::ByRule => "built by rule",
        StoryState::ByAgent => "built by an agent",
        StoryState::NotBuilt => "not built",
    };
    match &result.why {
        Some(why) => format!("{how}: {why}"),
        None => how.to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn entry(result: &StoryResult) -> Value {
    let story = &result.story;
    json!({ "id": story.story_id, "text": story.text, "state": result.state, "why": result.why })
}
