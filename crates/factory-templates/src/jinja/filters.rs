//! Filters and functions beside minijinja's own: those of Jinja2, of cookiecutter, and ours.

use factory_spec::name;
use minijinja::value::{Kwargs, Rest, Value, ValueKind, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters as builtin};
use minijinja_contrib::{filters as contrib, globals};

use super::arguments::named;
use super::text;
use crate::python;
use crate::slug::{self, slugify};

/// Answer with the time that the tag `now` prints, as RFC 3339; without it the tag is refused.
pub(crate) const NOW: &str = "_now";

type Spell = fn(&str) -> String;

/// The filters that spell a name in another case.
const CASES: [(&str, Spell); 5] = [
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

    env.add_filter("slugify", |text: &Value, args: Rest<ValueOrKwargs>| {
        slugify_filter(&python::str_of(text)?, &named(args, &SLUGIFY)?)
    });
    env.add_filter("jsonify", |value: &Value, args: Rest<ValueOrKwargs>| {
        python::json(value, json_indent(args, Some(4))?)
    });
    env.add_filter("tojson", |value: &Value, args: Rest<ValueOrKwargs>| {
        let json = python::json(value, json_indent(args, None)?)?;
        let json = json
            .replace('<', "\\u003c")
            .replace('>', "\\u003e")
            .replace('&', "\\u0026");
        Ok::<_, Error>(json.replace('\'', "\\u0027"))
    });
    add_builtins_by_position(env);

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
    env.add_function("joiner", globals::joiner);

    for refused in ["uuid4", "random_ascii_string", "lipsum"] {
        env.add_function(refused, move |_: Rest<ValueOrKwargs>| {
            Err::<Value, _>(undetermined(refused))
        });
    }
    env.add_function("now", now);
    env.add_filter("random", |_: &Value, _: Rest<ValueOrKwargs>| {
        Err::<Value, _>(undetermined("random"))
    });
}

/// The time that the answer [`NOW`] gives; the tag `now` of cookiecutter is a call of it.
fn now(state: &State<'_, '_>, zone: &str, format: Option<&str>) -> Result<String, Error> {
    let invalid = |detail: String| Error::new(ErrorKind::InvalidOperation, detail);
    let answer = state.lookup(NOW).filter(|answer| !answer.is_none());
    let answer = answer.ok_or_else(|| undetermined("now"))?;
    let time: jiff::Timestamp = answer.as_str().unwrap_or_default().parse().map_err(|_| {
        invalid(format!(
            "the answer `{NOW}` is not a time like `2026-01-31T12:00:00Z`"
        ))
    })?;
    if !["utc", "local"].contains(&zone.to_lowercase().as_str()) {
        return Err(invalid(format!("`now` knows no zone `{zone}`; use 'utc'")));
    }
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::strtime::format(format.unwrap_or("%Y-%m-%d"), &time)
        .map_err(|error| invalid(error.to_string()))
}

/// The same template and answers must give the same bytes.
fn undetermined(word: &str) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("`{word}` gives another result each time"),
    )
}

fn json_indent(args: Rest<ValueOrKwargs>, default: Option<usize>) -> Result<Option<usize>, Error> {
    let args = named(args, &["indent"])?;
    if !args.has("indent") {
        return Ok(default);
    }
    let indent = args.get("indent")?;
    args.assert_all_used()?;
    Ok(indent)
}

/// Filters of minijinja that take by name only what Jinja2 takes by position too, or the other way round.
fn add_builtins_by_position(env: &mut Environment<'_>) {
    env.add_filter(
        "sort",
        |state: &State<'_, '_>, value: Value, args: Rest<ValueOrKwargs>| {
            builtin::sort(
                state,
                value,
                named(args, &["reverse", "case_sensitive", "attribute"])?,
            )
        },
    );
    env.add_filter("dictsort", |value: &Value, args: Rest<ValueOrKwargs>| {
        builtin::dictsort(value, named(args, &["case_sensitive", "by", "reverse"])?)
    });
    for name in ["default", "d"] {
        env.add_filter(name, default_filter);
    }
    let format = |state: &mut State<'_, '_>, text: &Value, args: Rest<ValueOrKwargs>| {
        text::check_percent_format(text.as_str().unwrap_or_default())?;
        builtin::format(state, text, args)
    };
    env.add_filter("format", format);
    env.add_filter("forceescape", builtin::escape);
    env.add_function("cycler", |items: Rest<Value>| globals::cycler(items.0));
}

/// `default(default_value='', boolean=False)`.
fn default_filter(value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let args = named(args, &["default_value", "boolean"])?;
    let other = args
        .get::<Option<Value>>("default_value")?
        .unwrap_or_else(|| Value::from(""));
    let is_lax = args.get::<Option<bool>>("boolean")?.unwrap_or_default();
    args.assert_all_used()?;
    let is_missing = value.is_undefined() || (is_lax && !value.is_true());
    Ok(if is_missing { other } else { value.clone() })
}

/// What `slugify` takes, in python-slugify's order.
const SLUGIFY: [&str; 12] = [
    "entities",
    "decimal",
    "hexadecimal",
    "max_length",
    "word_boundary",
    "separator",
    "save_order",
    "stopwords",
    "regex_pattern",
    "lowercase",
    "replacements",
    "allow_unicode",
];

fn slugify_filter(text: &str, kwargs: &Kwargs) -> Result<String, Error> {
    for unsupported in ["entities", "decimal", "hexadecimal", "regex_pattern"] {
        let given = kwargs.get::<Option<Value>>(unsupported)?;
        if given.is_some_and(|value| !value.is_none() && value != Value::from(true)) {
            let detail = format!("`slugify({unsupported}=…)` is not supported");
            return Err(Error::new(ErrorKind::InvalidOperation, detail));
        }
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
