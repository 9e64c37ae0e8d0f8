//! The table of all keys of a blueprint. The tests hold it against what the types write.

use super::types::{
    Channel, Direction, FieldType, Format, Measure, Method, ModelTask, OnDelete, PageKind, Scope,
    StoryKind,
};
use crate::shape::Shape::{self, Any, Count, Flag, Keys, List, Map, Maybe, Number, Text, Word};

const TEXTS: Shape = List(&Text);
const MAYBE_TEXT: Shape = Maybe(&Text);

/// The whole document.
pub(super) const BLUEPRINT: Shape = Keys(&[
    ("schema_version", Count),
    ("product", PRODUCT),
    ("roles", List(&ROLE)),
    ("entities", List(&ENTITY)),
    ("stories", List(&STORY)),
    ("pages", List(&PAGE)),
    ("endpoints", List(&ENDPOINT)),
    ("model", Maybe(&MODEL)),
    (
        "quality",
        Keys(&[
            ("languages", TEXTS),
            ("records_expected", Count),
            ("notes", TEXTS),
        ]),
    ),
    (
        "assumptions",
        List(&Keys(&[
            ("text", Text),
            ("because", MAYBE_TEXT),
            ("confirm_with", MAYBE_TEXT),
        ])),
    ),
]);

const PRODUCT: Shape = Keys(&[
    ("name", Text),
    ("slug", Text),
    ("one_liner", Text),
    ("problem", MAYBE_TEXT),
    ("industry", MAYBE_TEXT),
    ("category", MAYBE_TEXT),
]);

const ROLE: Shape = Keys(&[
    ("name", Text),
    ("description", Text),
    ("signs_up", Flag),
    ("entity", MAYBE_TEXT),
    (
        "can",
        List(&Keys(&[
            ("action", Text),
            ("entity", Text),
            ("scope", Word(Scope::WORDS)),
        ])),
    ),
]);

const ENTITY: Shape = Keys(&[
    ("name", Text),
    ("plural", Text),
    ("description", Text),
    ("display", MAYBE_TEXT),
    ("owner", MAYBE_TEXT),
    ("fields", List(&FIELD)),
    ("workflow", Maybe(&WORKFLOW)),
    ("search", TEXTS),
    ("seed_records", Count),
]);

/// One field, also as the long form of a brief (there without a name).
pub(crate) const FIELD: Shape = Keys(FIELD_KEYS);

const FIELD_KEYS: &[(&str, Shape)] = &[
    ("name", Text),
    ("type", Word(FieldType::WORDS)),
    ("required", Flag),
    ("unique", Flag),
    ("default", Any),
    ("min", Maybe(&Number)),
    ("max", Maybe(&Number)),
    ("values", TEXTS),
    ("currency", MAYBE_TEXT),
    (
        "references",
        Maybe(&Keys(&[
            ("entity", Text),
            ("on_delete", Word(OnDelete::WORDS)),
        ])),
    ),
    ("computed", MAYBE_TEXT),
    ("help", MAYBE_TEXT),
];

const WORKFLOW: Shape = Keys(&[
    ("field", Text),
    (
        "transitions",
        List(&Keys(&[
            ("name", Text),
            ("from", TEXTS),
            ("to", Text),
            ("roles", TEXTS),
        ])),
    ),
]);

const STORY: Shape = Keys(&[
    ("id", Text),
    ("role", Text),
    ("text", Text),
    ("kind", Word(StoryKind::WORDS)),
    ("entities", TEXTS),
    ("detail", Any),
    ("acceptance", List(&ACCEPTANCE)),
]);

const ACCEPTANCE: Shape = Keys(&[
    ("given", Text),
    ("when", Text),
    ("then", Text),
    (
        "steps",
        List(&Keys(&[
            ("as", Text),
            ("do", Text),
            ("entity", Text),
            ("of", MAYBE_TEXT),
            ("with", Map(&Any)),
            ("bind", MAYBE_TEXT),
        ])),
    ),
    (
        "expect",
        List(&Keys(&[
            ("of", MAYBE_TEXT),
            ("field", MAYBE_TEXT),
            ("equals", Any),
            ("count", Maybe(&Count)),
            ("refused", Flag),
        ])),
    ),
]);

const PAGE: Shape = Keys(&[
    ("path", Text),
    ("kind", Word(PageKind::WORDS)),
    ("entity", MAYBE_TEXT),
    ("title", Text),
    ("story", MAYBE_TEXT),
]);

const ENDPOINT: Shape = Keys(&[
    ("method", Word(Method::WORDS)),
    ("path", Text),
    ("entity", MAYBE_TEXT),
    ("story", MAYBE_TEXT),
]);

const MODEL: Shape = Keys(&[
    ("task", Word(ModelTask::WORDS)),
    ("entity", Text),
    ("target", Text),
    ("features", TEXTS),
    ("horizon", Maybe(&Count)),
    ("metric", MAYBE_TEXT),
]);

/// The detail of a `notify` story.
pub(super) const NOTIFY: Shape = Keys(&[
    (
        "on",
        Keys(&[
            ("entity", Text),
            ("transition", MAYBE_TEXT),
            ("field", MAYBE_TEXT),
        ]),
    ),
    ("to", Text),
    ("channel", Word(Channel::WORDS)),
    ("days_before", Maybe(&Count)),
]);

/// The detail of a `report` story.
pub(super) const REPORT: Shape = Keys(&[
    ("entity", Text),
    ("measure", Word(Measure::WORDS)),
    ("field", MAYBE_TEXT),
    ("group_by", MAYBE_TEXT),
]);

/// The detail of an `exchange` story.
pub(super) const EXCHANGE: Shape = Keys(&[
    ("entity", Text),
    ("direction", Word(Direction::WORDS)),
    ("format", Word(Format::WORDS)),
]);
