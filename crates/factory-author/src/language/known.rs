//! Fields that records of a well-known kind usually have; each becomes an assumption. Data.

/// The last word of an entity's name, and its usual fields in the short form of a brief.
const KNOWN: &[(&str, &[(&str, &str)])] = &[
    ("client", PERSON),
    ("customer", PERSON),
    ("member", PERSON),
    ("guest", PERSON),
    ("tenant", PERSON),
    ("donor", PERSON),
    ("volunteer", PERSON),
    ("candidate", PERSON),
    ("applicant", PERSON),
    ("owner", PERSON),
    ("supplier", PERSON),
    ("vendor", PERSON),
    ("parent", PERSON),
    ("contact", PERSON),
    (
        "patient",
        &[
            ("name", "text!"),
            ("date_of_birth", "date"),
            ("email", "email"),
            ("phone", "phone"),
        ],
    ),
    ("student", &[("name", "text!"), ("email", "email")]),
    ("pupil", &[("name", "text!")]),
    ("child", &[("name", "text!"), ("date_of_birth", "date")]),
    (
        "doctor",
        &[("name", "text!"), ("specialty", "text"), ("email", "email")],
    ),
    (
        "driver",
        &[
            ("name", "text!"),
            ("phone", "phone"),
            ("licence_number", "text"),
        ],
    ),
    (
        "pet",
        &[
            ("name", "text!"),
            ("species", "text"),
            ("date_of_birth", "date"),
        ],
    ),
    (
        "invoice",
        &[
            ("number", "text!^"),
            ("issued_on", "date"),
            ("due_on", "date"),
            ("amount", "money"),
        ],
    ),
    (
        "receipt",
        &[
            ("number", "text!^"),
            ("issued_on", "date"),
            ("amount", "money"),
        ],
    ),
    ("payment", &[("amount", "money!"), ("paid_on", "date")]),
    (
        "expense",
        &[
            ("title", "text!"),
            ("amount", "money!"),
            ("spent_on", "date"),
        ],
    ),
    ("donation", &[("amount", "money!"), ("donated_on", "date")]),
    ("order", &[("number", "text!^"), ("ordered_on", "date")]),
    (
        "quote",
        &[
            ("number", "text!^"),
            ("amount", "money"),
            ("valid_until", "date"),
        ],
    ),
    (
        "offer",
        &[
            ("title", "text!"),
            ("amount", "money"),
            ("valid_until", "date"),
        ],
    ),
    (
        "contract",
        &[
            ("title", "text!"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "lease",
        &[
            ("title", "text!"),
            ("starts_on", "date"),
            ("ends_on", "date"),
            ("monthly_rent", "money"),
        ],
    ),
    (
        "policy",
        &[
            ("number", "text!^"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "claim",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("amount", "money"),
        ],
    ),
    (
        "product",
        &[
            ("name", "text!"),
            ("description", "long_text"),
            ("price", "money"),
        ],
    ),
    (
        "dish",
        &[
            ("name", "text!"),
            ("description", "long_text"),
            ("price", "money"),
        ],
    ),
    (
        "meal",
        &[
            ("name", "text!"),
            ("description", "long_text"),
            ("price", "money"),
        ],
    ),
    ("item", &[("name", "text!"), ("quantity", "integer")]),
    (
        "line",
        &[
            ("description", "text!"),
            ("quantity", "integer"),
            ("unit_price", "money"),
        ],
    ),
    (
        "appointment",
        &[
            ("title", "text"),
            ("starts_at", "datetime!"),
            ("duration_minutes", "integer"),
        ],
    ),
    (
        "booking",
        &[
            ("reference", "text!^"),
            ("starts_on", "date"),
            ("notes", "long_text"),
        ],
    ),
    (
        "reservation",
        &[
            ("reference", "text!^"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "rental",
        &[
            ("reference", "text!^"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "loan",
        &[
            ("reference", "text!^"),
            ("borrowed_on", "date"),
            ("due_on", "date"),
        ],
    ),
    (
        "stay",
        &[
            ("reference", "text!^"),
            ("arrives_on", "date"),
            ("leaves_on", "date"),
        ],
    ),
    (
        "lesson",
        &[
            ("title", "text!"),
            ("starts_at", "datetime"),
            ("duration_minutes", "integer"),
        ],
    ),
    (
        "session",
        &[
            ("title", "text!"),
            ("starts_at", "datetime"),
            ("duration_minutes", "integer"),
        ],
    ),
    (
        "class",
        &[
            ("title", "text!"),
            ("starts_at", "datetime"),
            ("capacity", "integer"),
        ],
    ),
    (
        "course",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("starts_on", "date"),
        ],
    ),
    (
        "event",
        &[
            ("title", "text!"),
            ("starts_at", "datetime"),
            ("location", "text"),
        ],
    ),
    (
        "shift",
        &[
            ("title", "text!"),
            ("starts_at", "datetime"),
            ("ends_at", "datetime"),
        ],
    ),
    (
        "visit",
        &[
            ("title", "text!"),
            ("visited_on", "date"),
            ("notes", "long_text"),
        ],
    ),
    (
        "trip",
        &[
            ("title", "text!"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "delivery",
        &[
            ("reference", "text!^"),
            ("address", "text"),
            ("scheduled_on", "date"),
        ],
    ),
    (
        "shipment",
        &[
            ("reference", "text!^"),
            ("destination", "text"),
            ("weight", "decimal"),
        ],
    ),
    ("parcel", &[("reference", "text!^"), ("weight", "decimal")]),
    (
        "vehicle",
        &[
            ("licence_plate", "text!^"),
            ("model", "text"),
            ("capacity", "decimal"),
        ],
    ),
    (
        "truck",
        &[
            ("licence_plate", "text!^"),
            ("model", "text"),
            ("capacity", "decimal"),
        ],
    ),
    ("van", &[("licence_plate", "text!^"), ("model", "text")]),
    ("car", &[("licence_plate", "text!^"), ("model", "text")]),
    (
        "property",
        &[
            ("title", "text!"),
            ("address", "text"),
            ("description", "long_text"),
        ],
    ),
    (
        "apartment",
        &[
            ("title", "text!"),
            ("address", "text"),
            ("monthly_rent", "money"),
        ],
    ),
    (
        "flat",
        &[
            ("title", "text!"),
            ("address", "text"),
            ("monthly_rent", "money"),
        ],
    ),
    ("room", &[("name", "text!"), ("capacity", "integer")]),
    ("table", &[("name", "text!"), ("capacity", "integer")]),
    ("warehouse", &[("name", "text!"), ("address", "text")]),
    ("location", &[("name", "text!"), ("address", "text")]),
    ("site", &[("name", "text!"), ("address", "text")]),
    (
        "prescription",
        &[
            ("medication", "text!"),
            ("dosage", "text"),
            ("issued_on", "date"),
        ],
    ),
    ("note", &[("title", "text!"), ("text", "long_text")]),
    ("comment", &[("text", "long_text!")]),
    ("message", &[("subject", "text!"), ("text", "long_text")]),
    ("review", &[("rating", "rating!"), ("comment", "long_text")]),
    ("rating", &[("stars", "rating!"), ("comment", "long_text")]),
    ("grade", &[("title", "text!"), ("points", "decimal")]),
    (
        "assignment",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("due_on", "date"),
        ],
    ),
    (
        "homework",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("due_on", "date"),
        ],
    ),
    (
        "submission",
        &[
            ("title", "text!"),
            ("file", "file"),
            ("submitted_on", "date"),
        ],
    ),
    (
        "solution",
        &[
            ("title", "text!"),
            ("file", "file"),
            ("submitted_on", "date"),
        ],
    ),
    ("exam", &[("title", "text!"), ("held_on", "date")]),
    (
        "task",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("due_on", "date"),
        ],
    ),
    (
        "request",
        &[("title", "text!"), ("description", "long_text")],
    ),
    (
        "ticket",
        &[("title", "text!"), ("description", "long_text")],
    ),
    ("issue", &[("title", "text!"), ("description", "long_text")]),
    (
        "complaint",
        &[("title", "text!"), ("description", "long_text")],
    ),
    (
        "incident",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("happened_on", "date"),
        ],
    ),
    (
        "inspection",
        &[
            ("title", "text!"),
            ("inspected_on", "date"),
            ("findings", "long_text"),
        ],
    ),
    (
        "project",
        &[
            ("title", "text!"),
            ("description", "long_text"),
            ("due_on", "date"),
        ],
    ),
    ("job", &[("title", "text!"), ("description", "long_text")]),
    (
        "application",
        &[
            ("title", "text!"),
            ("applied_on", "date"),
            ("cover_letter", "long_text"),
        ],
    ),
    (
        "enrolment",
        &[("reference", "text!^"), ("enrolled_on", "date")],
    ),
    (
        "registration",
        &[("reference", "text!^"), ("registered_on", "date")],
    ),
    (
        "subscription",
        &[
            ("reference", "text!^"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    (
        "membership",
        &[
            ("reference", "text!^"),
            ("starts_on", "date"),
            ("ends_on", "date"),
        ],
    ),
    ("attendance", &[("attended_on", "date!"), ("notes", "text")]),
    ("document", &[("title", "text!"), ("file", "file")]),
    ("photo", &[("title", "text!"), ("file", "file")]),
    ("picture", &[("title", "text!"), ("file", "file")]),
    (
        "certificate",
        &[("title", "text!"), ("issued_on", "date"), ("file", "file")],
    ),
    ("medication", &[("name", "text!"), ("dosage", "text")]),
    ("ingredient", &[("name", "text!"), ("unit", "text")]),
    (
        "recipe",
        &[("title", "text!"), ("instructions", "long_text")],
    ),
    ("menu", &[("title", "text!"), ("valid_on", "date")]),
    (
        "book",
        &[("title", "text!"), ("author", "text"), ("isbn", "text")],
    ),
    ("article", &[("title", "text!"), ("text", "long_text")]),
    (
        "campaign",
        &[("title", "text!"), ("goal", "money"), ("ends_on", "date")],
    ),
    ("card", &[("number", "text!^"), ("points", "integer")]),
    (
        "voucher",
        &[
            ("code", "text!^"),
            ("amount", "money"),
            ("valid_until", "date"),
        ],
    ),
    ("plan", &[("title", "text!"), ("price", "money")]),
    ("timesheet", &[("worked_on", "date!"), ("hours", "decimal")]),
    ("entry", &[("title", "text!"), ("noted_on", "date")]),
    (
        "measurement",
        &[("measured_on", "date!"), ("value", "decimal")],
    ),
    ("result", &[("title", "text!"), ("value", "text")]),
    ("field", &[("name", "text!"), ("area", "decimal")]),
    (
        "harvest",
        &[("harvested_on", "date!"), ("quantity", "decimal")],
    ),
    (
        "batch",
        &[
            ("number", "text!^"),
            ("produced_on", "date"),
            ("quantity", "integer"),
        ],
    ),
    ("machine", &[("name", "text!"), ("serial_number", "text")]),
    ("equipment", &[("name", "text!"), ("serial_number", "text")]),
    ("route", &[("name", "text!"), ("driven_on", "date")]),
    ("stop", &[("address", "text!"), ("position", "integer")]),
    ("bid", &[("amount", "money!"), ("message", "long_text")]),
    ("vote", &[("choice", "text!")]),
    ("timetable", &[("title", "text!"), ("valid_on", "date")]),
];

const PERSON: &[(&str, &str)] = &[("name", "text!"), ("email", "email"), ("phone", "phone")];

/// The fields of anything that is not known.
const ANYTHING: &[(&str, &str)] = &[("name", "text!"), ("notes", "long_text")];

/// The usual fields of an entity by the last word of its name.
pub(crate) fn fields_of(head: &str, is_person: bool) -> &'static [(&'static str, &'static str)] {
    match KNOWN.iter().find(|(known, _)| *known == head) {
        Some((_, fields)) => fields,
        None if is_person => PERSON,
        None => ANYTHING,
    }
}

/// Tells whether an entity with this last word has usual fields, so that it is a familiar thing to keep.
pub(crate) fn is_known(head: &str) -> bool {
    KNOWN.iter().any(|(known, _)| *known == head)
}
