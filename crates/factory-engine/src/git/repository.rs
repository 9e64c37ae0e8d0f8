//! A repository, opened once and shared between threads.

use std::path::{Path, PathBuf};

use super::error::{GitError, Tried as _};
use super::handle::{Handle, Handles};
use super::identity::Identity;
use super::oid::Oid;
use super::program;

/// A git repository. Cheap to clone and to share between threads.
#[derive(Clone)]
pub struct Repository {
    inner: gix::ThreadSafeRepository,
    identity: Identity,
    handles: Handles,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Repository")
            .field("git_dir", &self.git_dir())
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// Makes a repository with a checkout at `path`, its `HEAD` on the unborn branch `main`.
    ///
    /// The folder is created when missing and may hold files; it must not hold a repository.
    ///
    /// A process that dies midway leaves no half-made repository: it is made aside and then moved here.
    pub fn init(path: &Path) -> Result<Self, GitError> {
        let action = || format!("create a git repository at `{}`", path.display());
        let aside = path.join(".git.new");
        if aside.exists() {
            std::fs::remove_dir_all(&aside)
                .map_err(gix::Error::from_error)
                .tried(action)?;
        }
        let made = gix::ThreadSafeRepository::init_opts(
            &aside,
            gix::create::Kind::WithWorktree,
            gix::create::Options::default(),
            gix::open::Options::isolated(),
        );
        drop(made.tried(action)?);
        std::fs::rename(aside.join(".git"), path.join(".git"))
            .and_then(|()| std::fs::remove_dir(&aside))
            .map_err(gix::Error::from_error)
            .tried(action)?;
        Self::open(path)
    }

    /// The hash function of the repository whose git folder is `git_dir`, as its configuration names it.
    ///
    /// Read before opening, because only SHA-1 repositories can be opened.
    pub fn object_format(git_dir: &Path) -> Result<String, GitError> {
        let path = git_dir.join("config");
        let source = gix::config::Source::Local;
        let config = gix::config::File::from_path_no_includes(path.clone(), source);
        let config = config.tried(|| format!("read `{}`", path.display()))?;
        let format = config.string("extensions.objectFormat");
        Ok(format.map_or_else(|| "sha1".to_owned(), |format| format.to_string()))
    }

    /// Opens the repository whose checkout or git folder is at `path`.
    ///
    /// The user's global configuration is read for the identity only, so that the same change gives
    /// the same tree on every machine.
    pub fn open(path: &Path) -> Result<Self, GitError> {
        // A lock is reported at once: whoever waits for it does so by a clock.
        let no_waiting = ["core.filesRefLockTimeout=0", "core.packedRefsTimeout=0"];
        let options = gix::open::Options::isolated().config_overrides(no_waiting);
        let inner = gix::ThreadSafeRepository::open_opts(path, options);
        let inner = inner.tried(|| format!("open the git repository at `{}`", path.display()))?;
        Ok(Self::with_identity_of_user(inner))
    }

    fn with_identity_of_user(inner: gix::ThreadSafeRepository) -> Self {
        let identity = Identity::of_user(&inner.to_thread_local());
        Self {
            inner,
            identity,
            handles: Handles::default(),
        }
    }

    /// The same repository, committing as `identity`.
    #[must_use]
    pub fn with_identity(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// Who commits: the user as configured in git, else the program itself.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether the repository has this commit.
    pub fn has_commit(&self, commit: Oid) -> bool {
        self.local().find_commit(commit.0).is_ok()
    }

    /// The folder with objects and references, `.git` as a rule.
    pub fn git_dir(&self) -> &Path {
        self.inner.refs.git_dir()
    }

    /// The folder shared by all work trees of the repository.
    pub fn common_dir(&self) -> PathBuf {
        self.local().common_dir().to_path_buf()
    }

    /// The user's checkout; none in a bare repository.
    pub fn work_dir(&self) -> Option<PathBuf> {
        self.inner.work_dir().map(Path::to_path_buf)
    }

    /// A call of the external `git` on this repository, without hooks.
    pub(crate) fn git(&self) -> std::process::Command {
        let mut command = program::git(self.git_dir());
        command.arg("--git-dir").arg(".");
        command
    }

    /// A handle for this thread.
    pub(crate) fn local(&self) -> Handle {
        self.handles.take(&self.inner)
    }
}
