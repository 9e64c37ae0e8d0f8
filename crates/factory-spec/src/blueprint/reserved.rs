//! Words that cannot be names in generated code, in the case in which they are generated.
//!
//! SQL is not listed: templates quote every name there (`"order"`, `"user"`), and its reserved words may be used.

/// Why a name cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A reserved word of a language.
    Language(&'static str),
    /// Every record already has it.
    BuiltIn,
    /// A library of the generated code uses it.
    Library(&'static str),
}

impl Taken {
    /// The end of a sentence that begins with the name.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Language(language) => format!("is a reserved word of {language}"),
            Self::BuiltIn => "is already in every record".to_owned(),
            Self::Library(library) => format!("is used by {library} in generated code"),
        }
    }
}

const PYTHON: &[&str] = &[
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif",
    "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

const TYPESCRIPT: &[&str] = &[
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "constructor",
    "prototype",
    "arguments",
    "eval",
    "undefined",
];

const DART: &[&str] = &[
    "assert", "break", "case", "catch", "class", "const", "continue", "default", "do", "else",
    "enum", "extends", "false", "final", "finally", "for", "if", "in", "is", "new", "null",
    "rethrow", "return", "super", "switch", "this", "throw", "true", "try", "var", "void", "while",
    "with", "factory", "operator", "required", "late", "get", "set", "dynamic",
];

const BUILT_IN: &[&str] = &["id", "created_at", "updated_at", "owner_id", "owner"];

const SQLALCHEMY: &[&str] = &["metadata", "registry"];

const PYDANTIC: &[&str] = &[
    "json",
    "dict",
    "copy",
    "schema",
    "construct",
    "validate",
    "fields",
    "parse_obj",
];

const DART_OBJECT: &[&str] = &[
    "hash_code",
    "runtime_type",
    "to_string",
    "to_json",
    "from_json",
    "copy_with",
];

/// Tells whether a field or a transition cannot have this `snake_case` name.
pub(crate) fn taken_as_field(name: &str) -> Option<Taken> {
    if BUILT_IN.contains(&name) {
        return Some(Taken::BuiltIn);
    }
    if SQLALCHEMY.contains(&name) {
        return Some(Taken::Library("SQLAlchemy"));
    }
    if PYDANTIC.contains(&name) || name.starts_with("model_") {
        return Some(Taken::Library("Pydantic"));
    }
    if DART_OBJECT.contains(&name) {
        return Some(Taken::Library("Dart"));
    }
    taken_as_word(name)
}

/// Tells whether a method cannot have this `snake_case` name.
pub(crate) fn taken_as_word(name: &str) -> Option<Taken> {
    let by = |words: &[&str], language| words.contains(&name).then_some(Taken::Language(language));
    by(PYTHON, "Python")
        .or_else(|| by(TYPESCRIPT, "TypeScript"))
        .or_else(|| by(DART, "Dart"))
}

/// Class names that mean something in the languages of generated code, with the language.
const TYPES: &[(&str, &str)] = &[
    ("None", "Python"),
    ("True", "Python"),
    ("False", "Python"),
    ("Exception", "Python"),
    ("Base", "Python"),
    ("Any", "Python"),
    ("Decimal", "Python"),
    ("Enum", "Python"),
    ("Optional", "Python"),
    ("Array", "TypeScript"),
    ("Boolean", "TypeScript"),
    ("Date", "TypeScript"),
    ("Error", "TypeScript"),
    ("Function", "TypeScript"),
    ("Map", "TypeScript"),
    ("Number", "TypeScript"),
    ("Object", "TypeScript"),
    ("Partial", "TypeScript"),
    ("Promise", "TypeScript"),
    ("Record", "TypeScript"),
    ("Set", "TypeScript"),
    ("String", "TypeScript"),
    ("Symbol", "TypeScript"),
    ("Duration", "Dart"),
    ("Future", "Dart"),
    ("Iterable", "Dart"),
    ("List", "Dart"),
    ("Null", "Dart"),
    ("Stream", "Dart"),
    ("Type", "Dart"),
    ("Uri", "Dart"),
    ("Widget", "Dart"),
];

/// Tells whether an entity cannot have this `PascalCase` name.
pub(crate) fn taken_as_entity(name: &str) -> Option<Taken> {
    if name == "User" {
        return Some(Taken::Library("the built-in accounts"));
    }
    TYPES
        .iter()
        .find(|(taken, _)| *taken == name)
        .map(|(_, language)| Taken::Language(language))
}

/// Suggests a field's name in place of a taken one.
pub(crate) fn field_instead(name: &str, entity: &str, is_flag: bool) -> String {
    let entity = crate::name::snake_case(entity);
    match name {
        _ if is_flag => format!("is_{name}"),
        "from" => "from_date".to_owned(),
        "with" => "together_with".to_owned(),
        "for" => "intended_for".to_owned(),
        "required" => "is_required".to_owned(),
        "public" | "private" | "final" | "default" | "new" => format!("is_{name}"),
        _ if name.starts_with("model_") => format!("{entity}_{name}"),
        _ if entity.is_empty() => format!("{name}_value"),
        _ => format!("{entity}_{name}"),
    }
}
