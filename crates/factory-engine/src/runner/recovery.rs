//! What a dead driver left: attempts without a worker, intents that may or may not have been published.
//!
//! Each item on its own, by a command that is refused when it no longer applies; run again, it does nothing.

use std::sync::Arc;

use factory_core::run::{State, TaskCommand};

use super::state::{Runner, RunnerError};
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
            let epoch = task.epoch;
            match &task.state {
                State::Running { .. } => {
                    let reason = "the driver ended before the attempt did".to_owned();
                    commands.push(TaskCommand::Lose { epoch, reason }.on(task_id));
                }
                State::Merging {
                    intent: Some(landing),
                    ..
                } => intents.push((task_id, epoch, landing.clone())),
                _ => {}
            }
        }
        let open: Vec<_> = intents
            .iter()
            .map(|(.., landing)| landing.clone())
            .collect();
        let workshop = Arc::clone(&self.workshop);
        blocking(move || workshop.remove_own_branch_lock(&open)).await?;
        for (task_id, epoch, landing) in intents {
            let workshop = Arc::clone(&self.workshop);
            let asked = landing.clone();
            let published = blocking(move || workshop.is_published(&asked)).await?;
            let settled = if published {
                TaskCommand::Land { epoch }
            } else {
                TaskCommand::DropIntent { epoch }
            };
            commands.push(settled.on(task_id));
        }
        self.append_all(commands).await?;
        let workshop = Arc::clone(&self.workshop);
        blocking(move || {
            workshop.recover();
            Ok(())
        })
        .await?;
        Ok(())
    }
}
