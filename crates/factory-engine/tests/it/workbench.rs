//! A temporary folder with a repository in it, and short words to fill both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use factory_core::claim::{Claim, Glob, Mode};
use factory_engine::git::{CommitSpec, Entry, FileMode, Identity, Oid, Repository};
use factory_engine::staging::{ParallelCopy, Rules};

/// A folder that goes with the test.
pub(crate) struct Workbench {
    pub(crate) dir: PathBuf,
    pub(crate) repo: Repository,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Workbench {
    pub(crate) fn new() -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("engine-{}-{number}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let repo = Repository::init(&dir.join("repo"))
            .unwrap()
            .with_identity(Identity::program());
        Self { dir, repo }
    }

    pub(crate) fn checkout(&self) -> PathBuf {
        self.dir.join("repo")
    }

    pub(crate) fn staging(&self) -> ParallelCopy {
        ParallelCopy::new(self.repo.clone(), self.dir.join("staging"))
    }

    /// A tree of files: `name` → text, with `+x` or `->` at the name's end for executables and links.
    pub(crate) fn tree(&self, files: &[(&str, &str)]) -> Oid {
        let empty: [(&str, Option<Entry>); 0] = [];
        let base = self.repo.write_tree(Oid::empty_tree(), empty).unwrap();
        self.edited(base, files)
    }

    /// `base` with some files set; an empty text removes.
    pub(crate) fn edited(&self, base: Oid, files: &[(&str, &str)]) -> Oid {
        let edit = |(name, text): &(&str, &str)| {
            let (name, mode) = match (name.strip_suffix("+x"), name.strip_suffix("->")) {
                (Some(name), _) => (name, FileMode::Executable),
                (_, Some(name)) => (name, FileMode::Symlink),
                _ => (*name, FileMode::File),
            };
            let oid = self.repo.write_blob(text.as_bytes()).unwrap();
            (
                name.to_owned(),
                (!text.is_empty()).then_some(Entry { mode, oid }),
            )
        };
        self.repo.write_tree(base, files.iter().map(edit)).unwrap()
    }

    pub(crate) fn commit(&self, tree: Oid, parents: &[Oid]) -> Oid {
        let message = "a commit\n".to_owned();
        let spec = CommitSpec {
            tree,
            parents: parents.to_vec(),
            message,
            time_epoch_s: 1,
        };
        self.repo.write_commit(&spec).unwrap()
    }

    /// The texts of a tree.
    pub(crate) fn texts(&self, tree: Oid) -> BTreeMap<String, String> {
        let listing = self.repo.read_tree(tree).unwrap();
        let text =
            |entry: Entry| String::from_utf8(self.repo.read_blob(entry.oid).unwrap()).unwrap();
        listing
            .into_iter()
            .map(|(path, entry)| (path, text(entry)))
            .collect()
    }

    /// The external git in the checkout.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(self.checkout())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Workbench {
    fn drop(&mut self) {
        // What cannot be removed stays in the target folder.
        drop(std::fs::remove_dir_all(&self.dir));
    }
}

/// Rules with the claim `edit: ["**"]`.
pub(crate) fn rules() -> Rules {
    Rules::new(vec![Claim::everything()])
}

pub(crate) fn edit(glob: &str) -> Claim {
    Claim::new(Mode::Edit, Glob::parse(glob).unwrap())
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A seeded generator (`SplitMix64`).
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}
