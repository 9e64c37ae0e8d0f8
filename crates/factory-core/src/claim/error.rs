//! What is wrong with the text of a glob.

use thiserror::Error;

/// Why a text is not a valid glob.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GlobError {
    /// Nothing is named.
    #[error("the glob is empty")]
    Empty,
    /// Longer than anyone writes by hand.
    #[error("the glob has {length} bytes, at most {max} are allowed")]
    TooLong {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// `/etc`, or an alternative that begins with `/`.
    #[error("the glob `{glob}` is not relative to the project")]
    Absolute {
        /// The text.
        glob: String,
    },
    /// A component `..` or `.`.
    #[error("the glob `{glob}` has a component `{component}`")]
    Dots {
        /// The text.
        glob: String,
        /// `..` or `.`.
        component: String,
    },
    /// `a//b`.
    #[error("the glob `{glob}` has an empty component")]
    EmptyComponent {
        /// The text.
        glob: String,
    },
    /// A control character, which no portable path has.
    #[error("the glob {glob:?} has a control character")]
    ControlCharacter {
        /// The text.
        glob: String,
    },
    /// A `[`, `{` or trailing backslash that nothing ends.
    #[error("in the glob `{glob}`, `{open}` is never closed")]
    Unclosed {
        /// The text.
        glob: String,
        /// `[`, `{` or `\`.
        open: char,
    },
    /// A `}` that nothing began.
    #[error("in the glob `{glob}`, `}}` closes nothing; write `\\}}` for the character itself")]
    Unopened {
        /// The text.
        glob: String,
    },
    /// `[z-a]`, or a class that matches no character.
    #[error("in the glob `{glob}`, a `[...]` matches nothing")]
    EmptyClass {
        /// The text.
        glob: String,
    },
    /// Braces that multiply beyond reason.
    #[error("the glob `{glob}` has more than {max} alternatives")]
    TooManyAlternatives {
        /// The text.
        glob: String,
        /// Alternatives allowed.
        max: usize,
    },
}
