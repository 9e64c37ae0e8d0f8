//! The parts of a draft.

use factory_spec::blueprint::{Assumption, Entity, Format, Measure};

use crate::language::Act;

/// Most entities that rules derive; of a brief that names more things, only the first ones count.
pub(super) const DERIVED_MAX: usize = 24;

/// Currency of amounts when the brief names none.
pub(crate) const CURRENCY: &str = "EUR";

/// Who uses the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleDraft {
    pub(crate) name: String,
    /// Singular words, as the brief has them.
    pub(crate) words: Vec<String>,
    /// Works for whoever runs the product, so that records are shared among colleagues.
    pub(crate) is_staff: bool,
    /// Is a customer, so that the product keeps records of them.
    pub(crate) is_served: bool,
}

/// A transition that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) rank: u8,
    pub(crate) role: String,
}

/// What the product keeps.
#[derive(Debug, Clone)]
pub(crate) struct EntityDraft {
    pub(crate) entity: Entity,
    /// Given by the founder: its fields stay as they are.
    pub(crate) is_fixed: bool,
    /// Singular words, as the brief has them.
    pub(crate) words: Vec<String>,
    pub(crate) is_person: bool,
    /// Comes from a verb (`book` → a booking).
    pub(crate) is_event: bool,
    /// Is a request, so that somebody has to answer.
    pub(crate) is_requested: bool,
    /// Roles that create such records, in order.
    pub(crate) creators: Vec<String>,
    pub(crate) moves: Vec<Move>,
}

/// What one feature does.
#[derive(Debug, Clone)]
pub(crate) struct FeatureDraft {
    /// The feature's text.
    pub(crate) text: String,
    pub(crate) role: String,
    pub(crate) kind: Kind,
    /// Main entity and others, by name.
    pub(crate) entities: Vec<String>,
    /// Every act: who, what, to which entity.
    pub(crate) acts: Vec<(String, Act, String)>,
    /// Fields of the main entity that the feature names.
    pub(crate) fields: Vec<String>,
}

/// What kind of story a feature becomes, with what was read of its detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Records,
    /// A record is assigned to another: field, entity.
    Assignment(String, String),
    /// Transition and state.
    Move(String, String),
    /// A yes-or-no field is set.
    Flag(String),
    /// A figure, and the entity that it is grouped by.
    Report {
        measure: Measure,
        by: Option<String>,
    },
    Notification {
        to: Option<String>,
        days_before: Option<u32>,
        state: Option<String>,
        in_app: bool,
    },
    Exchange {
        import: bool,
        format: Format,
    },
    Prediction,
    Custom,
}

/// What has been understood so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) roles: Vec<RoleDraft>,
    pub(crate) entities: Vec<EntityDraft>,
    pub(crate) features: Vec<FeatureDraft>,
    pub(crate) assumptions: Vec<Assumption>,
    /// Moves that a feature waits for without saying who makes them: entity and move.
    pub(crate) awaited: Vec<(String, Move)>,
    /// Moves that come after another, whatever is usual: entity, the later one, the earlier one.
    pub(crate) orders: Vec<(String, String, String)>,
    /// What only a person can answer.
    pub(crate) questions: Vec<String>,
}
