//! Filters and functions beside minijinja's own: those of Jinja2, of cookiecutter, and ours.

use factory_core::name;
use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};
use minijinja_contrib::{filters as contrib, globals};

use crate::python;
use crate::slug::{self, slugify};

/// Gives an environment everything that a template may call.
pub(super) fn add_to(env: &mut Environment<'_>) {
    env.add_filter("snake_case", |text: &str| name::snake_case(text));
    env.add_filter("kebab_case", |text: &str| name::kebab_case(text));
    env.add_filter("camel_case", |text: &str| name::camel_case(text));
    env.add_filter("pascal_case", |text: &str| name::pascal_case(text));
    env.add_filter("title_case", |text: &str| name::title_case(text));
    env.add_filter("py", |value: &Value| python::literal(value));

    env.add_filter("slugify", slugify_filter);
    env.add_filter("jsonify", |value: &Value, indent: Option<Value>, kwargs: Kwargs| {
        python::json(value, json_indent(indent, &kwargs, Some(4))?)
    });
    env.add_filter("tojson", |value: &Value, indent: Option<Value>, kwargs: Kwargs| {
        let json = python::json(value, json_indent(indent, &kwargs, None)?)?;
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        Ok::<_, Error>(json.replace('\'', "\\u0027"))
    });

    env.add_filter("center", |text: &str, width: Option<usize>| centred(text, width.unwrap_or(80)));
    env.add_filter("wordwrap", wordwrap);
    env.add_filter("string", |value: &Value| python::str_of(value));
    env.add_filter("truncate", contrib::truncate);
    env.add_filter("filesizeformat", contrib::filesizeformat);
    env.add_filter("striptags", contrib::striptags);
    env.add_filter("wordcount", contrib::wordcount);
    env.add_function("cycler", globals::cycler);
    env.add_function("joiner", globals::joiner);

    for refused in ["now", "uuid4", "random_ascii_string", "lipsum"] {
        env.add_function(refused, move |_: Rest<Value>| Err::<Value, _>(undetermined(refused)));
    }
    env.add_filter("random", |_: &Value, _: Rest<Value>| Err::<Value, _>(undetermined("random")));
}

/// The same template and answers must give the same bytes.
fn undetermined(word: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`{word}` gives another result each time"))
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

fn slugify_filter(text: &str, kwargs: Kwargs) -> Result<String, Error> {
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
        max_length: kwargs.get::<Option<usize>>("max_length")?.unwrap_or_default(),
        word_boundary: flag("word_boundary")?.unwrap_or_default(),
        separator: kwargs.get::<Option<String>>("separator")?.unwrap_or(defaults.separator),
        save_order: flag("save_order")?.unwrap_or_default(),
        stopwords: kwargs.get::<Option<Vec<String>>>("stopwords")?.unwrap_or_default(),
        lowercase: flag("lowercase")?.unwrap_or(true),
        replacements: pairs.collect(),
        allow_unicode: flag("allow_unicode")?.unwrap_or_default(),
    };
    kwargs.assert_all_used()?;
    Ok(slugify(text, &options))
}

/// `str.center`: the odd space stands on the left when the width is odd.
pub(super) fn centred(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if width <= length {
        return text.to_owned();
    }
    let pad = width.min(length + 1_000_000) - length;
    let left = pad / 2 + (pad & width & 1);
    format!("{}{text}{}", " ".repeat(left), " ".repeat(pad - left))
}

/// `wordwrap(width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)`.
fn wordwrap(text: &str, args: Rest<Value>) -> Result<String, Error> {
    let mut args = args.0;
    let kwargs = match args.pop_if(|last| last.is_kwargs()) {
        Some(last) => Kwargs::try_from(last)?,
        None => Kwargs::from_iter(Vec::<(&str, Value)>::new()),
    };
    let mut positional = args.into_iter();
    let mut argument = |name: &str| -> Result<Option<Value>, Error> {
        Ok(positional.next().or(kwargs.get(name)?).filter(|value: &Value| !value.is_none()))
    };
    let width = argument("width")?.map_or(Ok(79), usize::try_from)?.max(1);
    let break_long_words = argument("break_long_words")?.is_none_or(|value| value.is_true());
    let wrapstring = argument("wrapstring")?.map_or_else(|| "\n".to_owned(), |value| value.to_string());
    let break_on_hyphens = argument("break_on_hyphens")?.is_none_or(|value| value.is_true());
    kwargs.assert_all_used()?;
    let wrap = Wrap { width, break_long_words, break_on_hyphens };
    Ok(text.lines().map(|line| wrap.lines(line).join(&wrapstring)).collect::<Vec<_>>().join(&wrapstring))
}

/// Python's `textwrap` as Jinja2 calls it: white space within lines is kept.
struct Wrap {
    width: usize,
    break_long_words: bool,
    break_on_hyphens: bool,
}

impl Wrap {
    fn lines(&self, text: &str) -> Vec<String> {
        let mut chunks = self.chunks(text);
        chunks.reverse();
        let mut lines: Vec<String> = Vec::new();
        while !chunks.is_empty() {
            let mut line: Vec<String> = Vec::new();
            let mut length = 0;
            if !lines.is_empty() && chunks.last().is_some_and(|chunk| chunk.trim().is_empty()) {
                chunks.pop();
            }
            while let Some(chunk) =
                chunks.pop_if(|chunk| length + chunk.chars().count() <= self.width)
            {
                length += chunk.chars().count();
                line.push(chunk);
            }
            if let Some(long) = chunks.pop_if(|chunk| chunk.chars().count() > self.width) {
                let space = self.width - length;
                if self.break_long_words && space > 0 {
                    line.push(long.chars().take(space).collect());
                    chunks.push(long.chars().skip(space).collect());
                } else if line.is_empty() {
                    line.push(long);
                } else {
                    chunks.push(long);
                }
            }
            line.pop_if(|last| last.trim().is_empty());
            if !line.is_empty() {
                lines.push(line.concat());
            }
        }
        lines
    }

    /// Words and the white space between them; a word may also break after a hyphen between letters.
    fn chunks(&self, text: &str) -> Vec<String> {
        let mut chunks: Vec<String> = Vec::new();
        let chars: Vec<char> = text.chars().collect();
        let mut previous: Option<char> = None;
        for (index, &char) in chars.iter().enumerate() {
            let after_hyphen = self.break_on_hyphens
                && previous == Some('-')
                && char.is_alphabetic()
                && index.checked_sub(2).and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric());
            let new = previous.is_none_or(|previous| {
                previous.is_whitespace() != char.is_whitespace() || after_hyphen
            });
            match chunks.last_mut() {
                Some(last) if !new => last.push(char),
                _ => chunks.push(char.to_string()),
            }
            previous = Some(char);
        }
        chunks
    }
}

/// Whether a value is one that a plain formatter would print unlike Python.
pub(super) fn needs_python_spelling(value: &Value) -> bool {
    match value.kind() {
        ValueKind::Number => !value.is_integer(),
        ValueKind::Seq | ValueKind::Map => true,
        _ => false,
    }
}
