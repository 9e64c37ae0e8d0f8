//! The grammar of globs: text to alternatives without braces, alternatives to a regular expression tree.
//!
//! Stars become *byte* classes, so that their automata stay small; literals and classes are whole UTF-8
//! sequences, which are self-synchronising, so nothing is matched that whole characters would not match.

use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, Repetition,
};

use super::error::GlobError;

const LENGTH_MAX: usize = 1024;
const ALTERNATIVES_MAX: usize = 256;

/// What a glob says: a path matches when one of the alternatives does.
pub(super) struct Pattern {
    alternatives: Vec<Vec<Component>>,
}

#[derive(Clone)]
enum Component {
    /// `**`.
    Any,
    /// The parts of one component, never empty.
    Parts(Vec<Token>),
}

#[derive(Clone, PartialEq)]
enum Token {
    Char(char),
    /// A `/` between components.
    Separator,
    Question,
    Star,
    Class(ClassUnicode),
}

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() {
            return Err(GlobError::Empty);
        }
        if text.len() > LENGTH_MAX {
            return Err(GlobError::TooLong {
                length: text.len(),
                max: LENGTH_MAX,
            });
        }
        if text.chars().any(char::is_control) {
            return Err(GlobError::ControlCharacter {
                glob: text.to_owned(),
            });
        }
        let mut reader = Reader {
            text,
            rest: text.strip_prefix("./").unwrap_or(text),
        };
        let sequences = reader.sequences()?;
        if !reader.rest.is_empty() {
            return Err(GlobError::Unopened {
                glob: text.to_owned(),
            });
        }
        let alternatives = sequences
            .into_iter()
            .map(|tokens| components(text, &tokens))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { alternatives })
    }

    pub(super) fn everything() -> Self {
        Self {
            alternatives: vec![vec![Component::Any]],
        }
    }

    /// The longest text with which every match begins.
    pub(super) fn literal_prefix(&self) -> String {
        let mut prefixes = self
            .alternatives
            .iter()
            .map(|alternative| prefix_of(alternative));
        let Some(first) = prefixes.next() else {
            return String::new();
        };
        prefixes.fold(first, |common, prefix| {
            let same = common
                .chars()
                .zip(prefix.chars())
                .take_while(|(one, other)| one == other);
            same.map(|(char, _)| char).collect()
        })
    }

    pub(super) fn to_hir(&self) -> Hir {
        Hir::alternation(
            self.alternatives
                .iter()
                .map(|alternative| hir_of(alternative))
                .collect(),
        )
    }
}

/// Reads tokens and expands braces as it goes.
struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let char = chars.next()?;
        self.rest = chars.as_str();
        Some(char)
    }

    fn unclosed(&self, open: char) -> GlobError {
        GlobError::Unclosed {
            glob: self.text.to_owned(),
            open,
        }
    }

    /// All sequences the text stands for, up to its end or to a `,` or `}` of the enclosing brace.
    fn sequences(&mut self) -> Result<Vec<Vec<Token>>, GlobError> {
        self.sequences_within(0)
    }

    fn sequences_within(&mut self, depth: usize) -> Result<Vec<Vec<Token>>, GlobError> {
        let mut all: Vec<Vec<Token>> = vec![Vec::new()];
        while let Some(char) = self.rest.chars().next() {
            if depth > 0 && matches!(char, ',' | '}') || depth == 0 && char == '}' {
                break;
            }
            self.next();
            let token = match char {
                '{' => {
                    all = self.product(&all, depth)?;
                    continue;
                }
                '\\' => Token::Char(self.next().ok_or_else(|| self.unclosed('\\'))?),
                '/' => Token::Separator,
                '?' => Token::Question,
                '*' => Token::Star,
                '[' => Token::Class(self.class()?),
                other => Token::Char(other),
            };
            for sequence in &mut all {
                sequence.push(token.clone());
            }
        }
        Ok(all)
    }

    /// The sequences read so far, each continued by each alternative of the brace that was just opened.
    fn product(&mut self, all: &[Vec<Token>], depth: usize) -> Result<Vec<Vec<Token>>, GlobError> {
        let mut inner = Vec::new();
        loop {
            inner.extend(self.sequences_within(depth + 1)?);
            match self.next() {
                Some(',') => {}
                Some(_) => break,
                None => return Err(self.unclosed('{')),
            }
        }
        if all.len().saturating_mul(inner.len()) > ALTERNATIVES_MAX {
            let glob = self.text.to_owned();
            return Err(GlobError::TooManyAlternatives {
                glob,
                max: ALTERNATIVES_MAX,
            });
        }
        let join = |head: &Vec<Token>, tail: &Vec<Token>| [head.as_slice(), tail].concat();
        Ok(all
            .iter()
            .flat_map(|head| inner.iter().map(move |tail| join(head, tail)))
            .collect())
    }

    /// A class, after its `[`. `/` is never in it.
    fn class(&mut self) -> Result<ClassUnicode, GlobError> {
        let negated = self.rest.starts_with(['!', '^']);
        if negated {
            self.next();
        }
        let mut class = ClassUnicode::empty();
        let mut first = true;
        loop {
            let start = match self.next().ok_or_else(|| self.unclosed('['))? {
                ']' if !first => break,
                '\\' => self.next().ok_or_else(|| self.unclosed('\\'))?,
                other => other,
            };
            first = false;
            let mut end = start;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.next();
                end = self.next().ok_or_else(|| self.unclosed('['))?;
                if end == '\\' {
                    end = self.next().ok_or_else(|| self.unclosed('\\'))?;
                }
            }
            if end < start {
                return Err(GlobError::EmptyClass {
                    glob: self.text.to_owned(),
                });
            }
            class.push(ClassUnicodeRange::new(start, end));
        }
        if negated {
            class.negate();
        }
        class.difference(&ClassUnicode::new([ClassUnicodeRange::new('/', '/')]));
        if class.ranges().is_empty() {
            return Err(GlobError::EmptyClass {
                glob: self.text.to_owned(),
            });
        }
        Ok(class)
    }
}

/// Splits one alternative at its separators and refuses what no path can be.
fn components(text: &str, tokens: &[Token]) -> Result<Vec<Component>, GlobError> {
    let glob = || text.to_owned();
    if tokens.is_empty() {
        return Err(GlobError::Empty);
    }
    let mut components: Vec<Component> = Vec::new();
    let parts: Vec<&[Token]> = tokens.split(|token| *token == Token::Separator).collect();
    for (index, part) in parts.iter().enumerate() {
        let component = match part {
            [] if index == 0 => return Err(GlobError::Absolute { glob: glob() }),
            [] if index + 1 == parts.len() => Component::Any,
            [] => return Err(GlobError::EmptyComponent { glob: glob() }),
            [Token::Star, Token::Star] => Component::Any,
            [Token::Char('.')] | [Token::Char('.'), Token::Char('.')] => {
                let component = ".".repeat(part.len());
                return Err(GlobError::Dots {
                    glob: glob(),
                    component,
                });
            }
            parts => Component::Parts(parts.to_vec()),
        };
        // `**/**` says nothing more than `**`, save at the end, where it asks for two components;
        // nobody means that, and the wider reading is the safe one.
        if !(matches!(component, Component::Any)
            && matches!(components.last(), Some(Component::Any)))
        {
            components.push(component);
        }
    }
    Ok(components)
}

fn is_wild(token: &Token) -> bool {
    matches!(token, Token::Star | Token::Question | Token::Class(_))
}

fn prefix_of(components: &[Component]) -> String {
    let mut prefix = String::new();
    for (index, component) in components.iter().enumerate() {
        if index > 0 {
            prefix.push('/');
        }
        let Component::Parts(tokens) = component else {
            return prefix;
        };
        for token in tokens {
            let Token::Char(char) = token else {
                return prefix;
            };
            prefix.push(*char);
        }
    }
    prefix
}

fn hir_of(components: &[Component]) -> Hir {
    let mut parts: Vec<Hir> = Vec::new();
    let last = components.len().saturating_sub(1);
    for (index, component) in components.iter().enumerate() {
        match component {
            Component::Any if index == last && index == 0 => {
                parts.extend([name(), repeat(0, below())]);
            }
            Component::Any if index == last => parts.push(repeat(1, below())),
            Component::Any => parts.push(repeat(0, Hir::concat(vec![name(), separator()]))),
            Component::Parts(tokens) => {
                parts.push(hir_of_component(tokens));
                let ends_in_any =
                    index + 1 == last && matches!(components.last(), Some(Component::Any));
                if index < last && !ends_in_any {
                    parts.push(separator());
                }
                if index == last && !tokens.iter().any(is_wild) {
                    parts.push(repeat(0, below()));
                }
            }
        }
    }
    Hir::concat(parts)
}

fn hir_of_component(tokens: &[Token]) -> Hir {
    if tokens.iter().all(|token| *token == Token::Star) {
        return name();
    }
    let hir_of_token = |token: &Token| match token {
        Token::Char(char) => Hir::literal(char.to_string().into_bytes()),
        Token::Separator => separator(),
        Token::Question => {
            let mut class = ClassUnicode::new([ClassUnicodeRange::new('/', '/')]);
            class.negate();
            Hir::class(Class::Unicode(class))
        }
        Token::Star => repeat(0, Hir::class(Class::Bytes(no_separator()))),
        Token::Class(class) => Hir::class(Class::Unicode(class.clone())),
    };
    Hir::concat(tokens.iter().map(hir_of_token).collect())
}

/// One whole component.
fn name() -> Hir {
    repeat(1, Hir::class(Class::Bytes(no_separator())))
}

/// One component below what came before.
fn below() -> Hir {
    Hir::concat(vec![separator(), name()])
}

fn separator() -> Hir {
    Hir::literal(*b"/")
}

fn no_separator() -> ClassBytes {
    let mut class = ClassBytes::new([ClassBytesRange::new(b'/', b'/')]);
    class.negate();
    class
}

fn repeat(min: u32, hir: Hir) -> Hir {
    Hir::repetition(Repetition {
        min,
        max: None,
        greedy: true,
        sub: Box::new(hir),
    })
}
