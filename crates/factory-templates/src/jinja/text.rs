//! Filters that shape text, with the arguments that Jinja2's have.

use minijinja::value::{Rest, Value, ValueOrKwargs};
use minijinja::{Error, ErrorKind};

use super::arguments::Arguments;

/// `str.center`: the odd space goes to the left when the width is odd.
pub(super) fn centred(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if width <= length {
        return text.to_owned();
    }
    let pad = width.min(length + 1_000_000) - length;
    let left = pad / 2 + (pad & width & 1);
    format!("{}{text}{}", " ".repeat(left), " ".repeat(pad - left))
}

/// Refuses a `%` format that pads to more than a page.
pub(super) fn check_percent_format(format: &str) -> Result<(), Error> {
    let mut fields = format.split('%').skip(1).map(|field| {
        let end = field.find(|char: char| !"-+ #0123456789.*".contains(char));
        field.get(..end.unwrap_or(field.len())).unwrap_or_default()
    });
    refuse_wide(fields.any(|field| field.contains('*') || has_large_number(field)))
}

/// Refuses a `str.format` text that pads to more than a page, or by a width among its arguments.
pub(super) fn check_brace_format(format: &str) -> Result<(), Error> {
    let mut fields = format.split('{').skip(1);
    refuse_wide(fields.any(|field| match field.split_once('}') {
        Some((field, _)) => has_large_number(field),
        None => !field.is_empty(),
    }))
}

fn has_large_number(field: &str) -> bool {
    field
        .split(|char: char| !char.is_ascii_digit())
        .any(|number| number.len() > 5)
}

fn refuse_wide(is_wide: bool) -> Result<(), Error> {
    let detail = "a format pads to at most 99999 characters, written in it";
    if is_wide {
        Err(Error::new(ErrorKind::InvalidOperation, detail))
    } else {
        Ok(())
    }
}

/// `indent(width=4, first=False, blank=False)`.
pub(super) fn indent(text: &str, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let mut args = Arguments::new(args)?;
    let indent = match args.next("width")? {
        None => " ".repeat(4),
        Some(width) => match width.as_str() {
            Some(text) => text.to_owned(),
            None => " ".repeat(usize::try_from(width)?.min(1_000)),
        },
    };
    let (first, blank) = (
        args.next_flag("first", false)?,
        args.next_flag("blank", false)?,
    );
    args.finish()?;
    let mut out = String::new();
    for (at, line) in text.split('\n').enumerate() {
        out.push_str(if at == 0 { "" } else { "\n" });
        if (at == 0 && first) || (at > 0 && (blank || !line.is_empty())) {
            out.push_str(&indent);
        }
        out.push_str(line);
    }
    Ok(out)
}

/// `wordwrap(width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)`.
pub(super) fn wordwrap(text: &str, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let mut args = Arguments::new(args)?;
    let width = args.next("width")?.map_or(Ok(79), usize::try_from)?.max(1);
    let break_long_words = args.next_flag("break_long_words", true)?;
    let wrapstring = args
        .next("wrapstring")?
        .map_or_else(|| "\n".to_owned(), |text| text.to_string());
    let break_on_hyphens = args.next_flag("break_on_hyphens", true)?;
    args.finish()?;
    let wrap = Wrap {
        width,
        break_long_words,
        break_on_hyphens,
    };
    Ok(text
        .lines()
        .map(|line| wrap.lines(line).join(&wrapstring))
        .collect::<Vec<_>>()
        .join(&wrapstring))
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
                && index
                    .checked_sub(2)
                    .and_then(|at| chars.get(at))
                    .is_some_and(|c| c.is_alphanumeric());
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

/// `truncate(length=255, killwords=False, end='...', leeway=5)`.
pub(super) fn truncate(text: &str, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let mut args = Arguments::new(args)?;
    let length = args.next("length")?.map_or(Ok(255), usize::try_from)?;
    let killwords = args.next_flag("killwords", false)?;
    let end = args
        .next("end")?
        .map_or_else(|| "...".to_owned(), |text| text.to_string());
    let leeway = args.next("leeway")?.map_or(Ok(5), usize::try_from)?;
    args.finish()?;
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text.to_owned());
    }
    let kept = length.checked_sub(end.chars().count()).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidOperation,
            "`truncate` keeps less than its end is long",
        )
    })?;
    let cut: String = text.chars().take(kept).collect();
    let words = if killwords {
        None
    } else {
        cut.rsplit_once(' ').map(|(words, _)| words)
    };
    Ok(format!("{}{end}", words.unwrap_or(&cut)))
}

/// `replace(old, new, count=None)`.
pub(super) fn replace(text: &Value, args: Rest<ValueOrKwargs>) -> Result<String, Error> {
    let text = crate::python::str_of(text)?;
    let mut args = Arguments::new(args)?;
    let missing = || Error::from(ErrorKind::MissingArgument);
    let old = args.next("old")?.ok_or_else(missing)?.to_string();
    let new = args.next("new")?.ok_or_else(missing)?.to_string();
    let count = args.next("count")?.map(usize::try_from).transpose()?;
    args.finish()?;
    Ok(count.map_or_else(
        || text.replace(&old, &new),
        |count| text.replacen(&old, &new, count),
    ))
}
