//! Enums whose variants are words: one list gives the word in tables, in JSON and on screens.

/// Declares a field-less enum with its words: `ALL`, `WORDS`, `as_str`, `Display`, `FromStr` and serde all follow the one
/// list. Besides the usual derives it takes attributes of its own, such as `#[derive(Default)]`.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Their words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word for it, in every table, document and screen.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::words::UnknownWord(word.to_owned())),
                }
            }
        }
    };
}

/// A word that an enum does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown word `{0}`")]
pub struct UnknownWord(pub String);

#[cfg(test)]
mod tests {
    use crate::run::End;

    #[test]
    fn a_word_is_the_same_in_text_and_in_json() {
        for end in End::ALL {
            assert_eq!(end.as_str().parse(), Ok(*end));
            assert_eq!(serde_json::to_value(end).unwrap(), end.as_str());
        }
        assert!("splendid".parse::<End>().is_err());
    }
}
