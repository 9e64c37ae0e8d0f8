//! The three texts of one path.

/// What a rung of the ladder merges; no base when both sides added the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) base: Option<&'a str>,
    pub(super) ours: &'a str,
    pub(super) theirs: &'a str,
}
