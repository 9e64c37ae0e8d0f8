//! What a dead driver left: attempts without a worker, intents that may or may not have been published.
//!
//! Each item on its own, by a command that is refused when it no longer applies; run again, it does nothing.

use std::sync::Arc;

use factory_core::run::{Command, State};

use super::drive::{Runner, RunnerError};
use crate::workshop::blocking;

impl Runner {
    /// Settles everything that the folded state says is under way.
    pub(super) async fn recover(&mut self) -> Result<(), RunnerError> {
        let mut commands = Vec::new();
        let mut intents = Vec::new();
        for task in self
            .repo
            .state
            .open_run()
            .into_iter()
            .flat_map(|run| run.tasks.values())
        {
            let task_id = task.spec.id.clone();
            match &task.state {
                State::Running { .. } => commands.push(Command::Lose {
                    task_id,
                    epoch: task.epoch,
                    reason: "the driver ended before the attempt did".to_owned(),
                }),
                State::Merging {
                    intent: Some(landing),
                    ..
                } => intents.push((task_id, landing.clone())),
                _ => {}
            }
        }
        for (task_id, landing) in intents {
            let workshop = Arc::clone(&self.workshop);
            let asked = landing.clone();
            let published = blocking(move || workshop.is_published(&asked)).await?;
            commands.push(if published {
                Command::Land { task_id }
            } else {
                Command::DropIntent { task_id }
            });
        }
        self.append_all(commands).await?;
        let workshop = Arc::clone(&self.workshop);
        blocking(move || workshop.recover()).await?;
        Ok(())
    }
}
