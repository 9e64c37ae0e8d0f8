//! What the template language complains about, in words that help the template's author.

use std::error::Error as _;

use minijinja::{Error, ErrorKind};

/// The error at the bottom of a chain of includes.
pub(super) fn deepest(error: &Error) -> &Error {
    let mut deepest = error;
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(inner) = cause
            .downcast_ref::<Error>()
            .filter(|inner| inner.line().is_some())
        {
            deepest = inner;
        }
        source = cause.source();
    }
    deepest
}

/// What is wrong and what to do about it.
pub(super) fn explain(error: &Error) -> (String, String) {
    let error = deepest(error);
    let detail = error.detail().unwrap_or_default();
    let problem = match (error.kind(), detail) {
        (kind, "") => kind.to_string(),
        (ErrorKind::UndefinedError | ErrorKind::UnknownFilter | ErrorKind::UnknownMethod, _) => {
            detail.to_owned()
        }
        (kind, _) => format!("{kind}: {detail}"),
    };
    let tag = detail.strip_prefix("unknown statement ");
    let remedy = match (error.kind(), tag) {
        (_, Some("now")) => "the tag `now` cannot stand beside raw text or trimmed blocks",
        (_, Some(_)) => "extensions of Jinja2 are not supported; use its own tags",
        (ErrorKind::UndefinedError, _) => {
            "name it in cookiecutter.json or the blueprint, or test `is defined`"
        }
        (ErrorKind::OutOfFuel, _) => "a loop runs too often; bound it",
        (ErrorKind::WriteFailure, _) => "the file grows over 64 MiB; bound its loops",
        (ErrorKind::TemplateNotFound, _) => {
            "put the file beside the project's files or into `templates/`"
        }
        (ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction, _) => {
            "use those of Jinja2, cookiecutter and docs/templates.md"
        }
        (ErrorKind::UnknownMethod, _)
            if [
                " append", " update", " pop", " insert", " extend", " remove", " sort",
            ]
            .iter()
            .any(|method| detail.ends_with(method)) =>
        {
            "lists and dictionaries are never changed; build a new one, or use `namespace`"
        }
        (ErrorKind::InvalidOperation, _) if detail.starts_with("tried to use % operator") => {
            "format with the filter: `{{ \"%s\" | format(value) }}`"
        }
        (ErrorKind::UnknownMethod, _) => "use a filter, or another method of Python's type",
        (ErrorKind::InvalidOperation, _) if detail.starts_with("`now` gives") => {
            "give the time as answer `_now`, so that the same answers give the same bytes"
        }
        (ErrorKind::InvalidOperation, _) if detail.ends_with("each time") => {
            "take the value from an answer, so that the same answers give the same bytes"
        }
        _ => "fix the template",
    };
    (problem, remedy.to_owned())
}
