//! Filters and functions beside minijinja's own: those of Jinja2, of cookiecutter, and ours.

use factory_core::name;
use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind};
use minijinja_contrib::{filters as contrib, globals};

use super::text;
use crate::python;
use crate::slug::{self, slugify};

/// The filters that spell a name in another case.
const CASES: [(&str, fn(&str) -> String); 5] = [
    ("snake_case", name::snake_case),
    ("kebab_case", name::kebab_case),
    ("camel_case", name::camel_case),
    ("pascal_case", name::pascal_case),
    ("title_case", name::title_case),
];

/// Gives an environment everything that a template may call.
pub(super) fn add_to(env: &mut Environment<'_>) {
    for (word, spell) in CASES {
        env.add_filter(word, move |value: &Value| {
            Ok::<_, Error>(spell(&python::str_of(value)?))
        });
    }
    env.add_filter("py", |value: &Value| python::literal(value));

    env.add_filter("slugify", |text: &str, kwargs: Kwargs| {
        slugify_filter(text, &kwargs)
    });
    env.add_filter(
        "jsonify",
        |value: &Value, indent: Option<Value>, kwargs: Kwargs| {
            python::json(value, json_indent(indent, &kwargs, Some(4))?)
        },
    );
    env.add_filter(
        "tojson",
        |value: &Value, indent: Option<Value>, kwargs: Kwargs| {
            let json = python::json(value, json_indent(indent, &kwargs, None)?)?;
            let json = json
                .replace('<', "\\u003c")
                .replace('>', "\\u003e")
                .replace('&', "\\u0026");
            Ok::<_, Error>(json.replace('\'', "\\u0027"))
        },
    );

    env.add_filter("center", |value: &str, width: Option<usize>| {
        text::centred(value, width.unwrap_or(80))
    });
    env.add_filter("wordwrap", text::wordwrap);
    env.add_filter("indent", text::indent);
    env.add_filter("truncate", text::truncate);
    env.add_filter("replace", text::replace);
    env.add_filter("string", |value: &Value| python::str_of(value));
    env.add_filter("filesizeformat", contrib::filesizeformat);
    env.add_filter("striptags", contrib::striptags);
    env.add_filter("wordcount", contrib::wordcount);
    env.add_function("cycler", globals::cycler);
    env.add_function("joiner", globals::joiner);

    for refused in ["now", "uuid4", "random_ascii_string", "lipsum"] {
        env.add_function(refused, move |_: Rest<ValueOrKwargs>| {
            Err::<Value, _>(undetermined(refused))
        });
    }
    env.add_filter("random", |_: &Value, _: Rest<ValueOrKwargs>| {
        Err::<Value, _>(undetermined("random"))
    });
}

/// The same template and answers must give the same bytes.
fn undetermined(word: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("`{word}` gives another result each time"),
    )
}

fn json_indent(
    indent: Option<Value>,
    kwargs: &Kwargs,
    default: Option<usize>,
) -> Result<Option<usize>, Error> {
    let named: Option<Value> = kwargs.get("indent")?;
    kwargs.assert_all_used()?;
    match named.or(indent) {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => usize::try_from(value).map(Some),
    }
}

fn slugify_filter(text: &str, kwargs: &Kwargs) -> Result<String, Error> {
    if kwargs.has("regex_pattern") {
        let detail = "`slugify(regex_pattern=…)` is not supported; use `replacements`";
        return Err(Error::new(ErrorKind::InvalidOperation, detail));
    }
    let defaults = slug::Options::default();
    let pairs: Option<Vec<Vec<String>>> = kwargs.get("replacements")?;
    let pairs = pairs.unwrap_or_default().into_iter().filter_map(|pair| {
        let mut pair = pair.into_iter();
        pair.next().zip(pair.next())
    });
    let flag = |name| kwargs.get::<Option<bool>>(name);
    let options = slug::Options {
        max_length: kwargs
            .get::<Option<usize>>("max_length")?
            .unwrap_or_default(),
        word_boundary: flag("word_boundary")?.unwrap_or_default(),
        separator: kwargs
            .get::<Option<String>>("separator")?
            .unwrap_or(defaults.separator),
        save_order: flag("save_order")?.unwrap_or_default(),
        stopwords: kwargs
            .get::<Option<Vec<String>>>("stopwords")?
            .unwrap_or_default(),
        lowercase: flag("lowercase")?.unwrap_or(true),
        replacements: pairs.collect(),
        allow_unicode: flag("allow_unicode")?.unwrap_or_default(),
    };
    kwargs.assert_all_used()?;
    Ok(slugify(text, &options))
}

/// Whether a value is one that a plain formatter would print unlike Python.
pub(super) fn needs_python_spelling(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Number => !value.is_integer(),
        ValueKind::Seq | ValueKind::Map => true,
        _ => false,
    }
}
