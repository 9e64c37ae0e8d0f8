//! The tasks of a playbook's phases.

use factory_core::id::{IdError, TaskId};
use factory_core::run::{OnConflict, Payload, TaskSpec, Weight};

use super::phases::{PhaseKind, PhasePlan, Playbook};
use crate::workers::Work;

impl Playbook {
    /// The first tasks of a run: the phases up to the one that adds tasks to the graph, each needing the one before.
    /// Thinking phases are left out when a blueprint is given. Each may be tried `attempts_max` times.
    ///
    /// # Errors
    ///
    /// The name of a phase cannot name a task.
    pub fn first_tasks(
        &self,
        blueprint_given: bool,
        attempts_max: u32,
    ) -> Result<Vec<TaskSpec>, IdError> {
        let mut tasks: Vec<TaskSpec> = Vec::new();
        for phase in &self.phases {
            let work = match &phase.kind {
                PhaseKind::Think if blueprint_given => continue,
                PhaseKind::Think => Work::Think {
                    phase: phase.name.clone(),
                },
                PhaseKind::Scaffold => Work::Scaffold,
                PhaseKind::Build => Work::Plan,
                PhaseKind::Verify { .. } | PhaseKind::Deploy => continue,
            };
            let before = tasks.last().map(|task| task.id.clone());
            let task = task(phase, &work, attempts_max)?;
            tasks.push(TaskSpec {
                needs: before.into_iter().collect(),
                lands: phase.kind == PhaseKind::Scaffold,
                on_conflict: OnConflict::Redo,
                timeout_s: 300,
                ..task
            });
        }
        Ok(tasks)
    }

    /// The phases after the build, each needing the one before; the first of them needs `after`.
    ///
    /// # Errors
    ///
    /// The name of a phase cannot name a task.
    pub fn last_tasks(&self, after: TaskId, attempts_max: u32) -> Result<Vec<TaskSpec>, IdError> {
        let mut needs = after;
        let mut tasks = Vec::new();
        for phase in &self.phases {
            let task = match &phase.kind {
                PhaseKind::Verify { checks } => TaskSpec {
                    needs_area: true,
                    weight: Weight::Heavy,
                    checks: checks.clone(),
                    timeout_s: 3600,
                    ..task(phase, &Work::Verify, attempts_max)?
                },
                PhaseKind::Deploy => task(phase, &Work::Deploy, attempts_max)?,
                PhaseKind::Think | PhaseKind::Scaffold | PhaseKind::Build => continue,
            };
            let id = task.id.clone();
            tasks.push(TaskSpec {
                needs: vec![std::mem::replace(&mut needs, id)],
                ..task
            });
        }
        Ok(tasks)
    }
}

fn task(phase: &PhasePlan, work: &Work, attempts_max: u32) -> Result<TaskSpec, IdError> {
    let id = TaskId::parse(phase.name.as_str())?;
    let work = Payload::from(work);
    Ok(TaskSpec {
        gate: phase.gate.clone(),
        attempts_max,
        ..TaskSpec::new(id, phase.title.as_str(), phase.name.as_str(), work)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(tasks: &[TaskSpec]) -> Vec<String> {
        let line = |task: &TaskSpec| {
            let needs: Vec<&str> = task.needs.iter().map(TaskId::as_str).collect();
            let gate = task.gate.as_ref().map_or("", |gate| gate.name.as_str());
            format!("{} <- {} !{gate}", task.id, needs.join(","))
        };
        tasks.iter().map(line).collect()
    }

    #[test]
    fn every_phase_needs_the_one_before() {
        let playbook = Playbook::mvp();
        assert_eq!(
            shape(&playbook.first_tasks(false, 3).unwrap()),
            [
                "market_research <-  !niche_validation",
                "founder_analysis <- market_research !",
                "mvp_specification <- founder_analysis !problem_solution_fit",
                "architecture_design <- mvp_specification !architecture_review",
                "scaffold <- architecture_design !",
                "build <- scaffold !",
            ]
        );
        assert_eq!(
            shape(&playbook.first_tasks(true, 3).unwrap()),
            ["scaffold <-  !", "build <- scaffold !"]
        );
        assert_eq!(
            shape(
                &playbook
                    .last_tasks(TaskId::from_static("record"), 3)
                    .unwrap()
            ),
            ["verify <- record !release_readiness", "deploy <- verify !"]
        );
    }

    #[test]
    fn a_phase_whose_name_cannot_name_a_task_is_refused() {
        let mut playbook = Playbook::mvp();
        playbook.phases[0].name = "two\nlines".to_owned();
        assert!(playbook.first_tasks(false, 3).is_err());
    }
}
