// Names that belong to no template: left-overs of tools that ran inside one.
//
// The build script includes this file too, so that such a file is never embedded.

/// Names of files and folders that are never read and never embedded.
const IGNORED: [&str; 15] = [
    ".DS_Store",
    ".coverage",
    ".dart_tool",
    ".git",
    ".hypothesis",
    ".mypy_cache",
    ".next",
    ".nuxt",
    ".output",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "coverage.xml",
    "node_modules",
];

/// Whether a file or folder of this name is left out.
pub(crate) fn is_ignored(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    IGNORED.contains(&name) || matches!(extension, Some("pyc" | "tsbuildinfo"))
}
