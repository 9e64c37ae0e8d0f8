//! Quantities as people read them.

pub use factory_core::resources::cores;

/// So many things: `1 file`, `2 files`, `2 stories`.
pub fn counted(count: u64, one: &str) -> String {
    match one.strip_suffix('y') {
        _ if count == 1 => format!("{count} {one}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(
            [0, 1, 2].map(|count| counted(count, "file")),
            ["0 files", "1 file", "2 files"]
        );
        assert_eq!(
            [1, 2].map(|count| counted(count, "story")),
            ["1 story", "2 stories"]
        );
    }
}
