//! Permissions: whatever no feature asks for is denied.

use std::collections::BTreeMap;

use factory_spec::blueprint::{Permission, Scope};

use crate::draft::{Draft, Kind};
use crate::language::Act;

/// The actions of an entity in the order in which they are written.
const ORDER: [&str; 4] = ["create", "read", "update", "delete"];

/// What each role may do to each entity.
#[derive(Debug, Default)]
pub(crate) struct Access {
    allowed: BTreeMap<(String, String), Vec<String>>,
}

impl Access {
    fn allow(&mut self, role: &str, entity: &str, actions: &[&str]) {
        let allowed = self
            .allowed
            .entry((role.to_owned(), entity.to_owned()))
            .or_default();
        for action in actions {
            if !allowed.iter().any(|known| known == action) {
                allowed.push((*action).to_owned());
            }
        }
    }

    /// Whether a role may do something.
    pub(crate) fn may(&self, role: &str, action: &str, entity: &str) -> bool {
        self.allowed
            .get(&(role.to_owned(), entity.to_owned()))
            .is_some_and(|allowed| allowed.iter().any(|known| known == action))
    }

    /// The permissions of a role, in the order of the entities.
    pub(crate) fn of(&self, role: &str, draft: &Draft) -> Vec<Permission> {
        let mut permissions = Vec::new();
        for entity in &draft.entities {
            let name = &entity.entity.name;
            let Some(allowed) = self.allowed.get(&(role.to_owned(), name.clone())) else {
                continue;
            };
            let is_own = entity.entity.owner.as_deref() == Some(role);
            let scope = if is_own { Scope::Own } else { Scope::All };
            let mut actions = allowed.clone();
            actions.sort_by_key(|action| {
                ORDER
                    .iter()
                    .position(|known| known == action)
                    .unwrap_or(ORDER.len())
            });
            permissions.extend(actions.into_iter().map(|action| Permission {
                action,
                entity: name.clone(),
                scope,
            }));
        }
        permissions
    }
}

/// Finds the creators and owners of all records, and derives the permissions.
pub(crate) fn derive(draft: &mut Draft) -> Access {
    profiles(draft);
    makers(draft);
    owners(draft);
    let mut access = Access::default();
    for feature in &draft.features {
        for (role, act, entity) in &feature.acts {
            access.allow(role, entity, actions_of(*act));
        }
        for (index, entity) in feature.entities.iter().enumerate() {
            if index == 0 || !is_foreign_profile(draft, &feature.role, entity) {
                access.allow(&feature.role, entity, &["read"]);
            }
        }
        let Some(main) = feature.entities.first() else {
            continue;
        };
        match &feature.kind {
            Kind::Assignment(..) | Kind::Flag(_) => {
                access.allow(&feature.role, main, &["read", "update"]);
            }
            Kind::Exchange { import: true, .. } => {
                access.allow(&feature.role, main, &["create", "read"]);
            }
            _ => {}
        }
    }
    for entity in &draft.entities {
        let name = &entity.entity.name;
        for (index, role) in entity.creators.iter().enumerate() {
            access.allow(role, name, &["create", "read"]);
            // Somebody has to be able to correct a record.
            if index == 0 {
                access.allow(role, name, &["update"]);
                let is_served = draft.role(role).is_some_and(|role| role.is_served);
                if !is_served {
                    access.allow(role, name, &["delete"]);
                }
            }
        }
        if entity.creators.contains(name) {
            access.allow(name, name, &["update"]);
        }
        for transition in entity
            .entity
            .workflow
            .iter()
            .flat_map(|workflow| &workflow.transitions)
        {
            for role in &transition.roles {
                access.allow(role, name, &["read", &transition.name]);
            }
        }
    }
    referred(draft, &mut access);
    access
}

fn actions_of(act: Act) -> &'static [&'static str] {
    match act {
        Act::Create | Act::Import => &["create", "read", "update"],
        Act::Event(_) => &["create", "read"],
        Act::Manage => &ORDER,
        Act::Update | Act::Assign => &["read", "update"],
        Act::Delete => &["read", "delete"],
        _ => &["read"],
    }
}

/// People who are both role and record keep their own record.
fn profiles(draft: &mut Draft) {
    for index in 0..draft.entities.len() {
        let Some(entity) = draft.entities.get(index) else {
            continue;
        };
        let name = entity.entity.name.clone();
        let role = draft.roles.iter().find(|role| role.name == name);
        // Clients that a freelancer keeps a list of belong to the freelancer.
        let is_kept_by_others = entity.creators.iter().any(|maker| {
            *maker != name
                && draft
                    .role(maker)
                    .is_some_and(|role| !role.is_staff && !role.is_served)
        });
        let keeps_own = !is_kept_by_others && role.is_some_and(|role| !role.is_staff);
        if keeps_own && let Some(entity) = draft.entities.get_mut(index) {
            entity.created_by(&name);
        }
    }
}

/// Whether an entity holds the people of a role without belonging to them: they must not see each other.
fn is_foreign_profile(draft: &Draft, role: &str, entity: &str) -> bool {
    role == entity
        && draft
            .entity(entity)
            .is_some_and(|found| found.entity.owner.as_deref() != Some(role))
}

/// Every record needs a creator: the role that the features name, else that of what refers to it, else staff.
fn makers(draft: &mut Draft) {
    let mut orphans: Vec<String> = Vec::new();
    for entity in &draft.entities {
        if entity.creators.is_empty() {
            orphans.push(entity.entity.name.clone());
        }
    }
    for name in orphans {
        let refers = |fields: &[factory_spec::blueprint::Field]| {
            fields.iter().any(|field| {
                field
                    .references
                    .as_ref()
                    .is_some_and(|to| to.entity == name)
            })
        };
        let referrers = draft
            .entities
            .iter()
            .filter(|entity| refers(&entity.entity.fields));
        let makers: Vec<String> = referrers
            .flat_map(|entity| entity.creators.clone())
            .collect();
        let independent = makers
            .iter()
            .find(|role| draft.role(role).is_some_and(|role| !role.is_served))
            .cloned();
        let staff = draft
            .roles
            .iter()
            .find(|role| role.is_staff)
            .map(|role| role.name.clone());
        let other = draft
            .roles
            .iter()
            .find(|role| !role.is_served)
            .map(|role| role.name.clone());
        let maker = independent.or(staff).or(other);
        let maker = maker.unwrap_or_else(|| {
            if draft.role("Admin").is_none() {
                draft.push_role("Admin", vec!["admin".to_owned()]);
            }
            "Admin".to_owned()
        });
        draft.assume(
            format!(
                "{maker} maintains the list of {}.",
                plural_words(draft, &name)
            ),
            "no feature says who does",
        );
        if let Some(entity) = draft.entity_mut(&name) {
            entity.created_by(&maker);
        }
    }
}

fn plural_words(draft: &Draft, name: &str) -> String {
    draft.entity(name).map_or_else(
        || name.to_owned(),
        |entity| factory_spec::name::words(&entity.entity.plural).join(" "),
    )
}

/// A record belongs to the first of its creators who is not staff; staff share theirs.
fn owners(draft: &mut Draft) {
    for index in 0..draft.entities.len() {
        let Some(entity) = draft.entities.get(index) else {
            continue;
        };
        let own = entity
            .creators
            .iter()
            .find(|role| **role == entity.entity.name);
        let first = entity
            .creators
            .iter()
            .find(|role| draft.role(role).is_some_and(|role| !role.is_staff));
        let owner = own.or(first).cloned();
        if let Some(entity) = draft.entities.get_mut(index) {
            entity.entity.owner = owner;
        }
    }
}

/// Whoever fills in a record must see what it can refer to.
fn referred(draft: &Draft, access: &mut Access) {
    for entity in &draft.entities {
        let writers: Vec<String> = draft
            .roles
            .iter()
            .filter(|role| {
                ["create", "update"]
                    .iter()
                    .any(|action| access.may(&role.name, action, &entity.entity.name))
            })
            .map(|role| role.name.clone())
            .collect();
        for field in &entity.entity.fields {
            let Some(target) = field
                .references
                .as_ref()
                .filter(|target| draft.entity(&target.entity).is_some())
            else {
                continue;
            };
            for role in writers
                .iter()
                .filter(|role| !is_foreign_profile(draft, role, &target.entity))
            {
                access.allow(role, &target.entity, &["read"]);
            }
        }
    }
}
