//! The folders and files of a portfolio.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use factory_core::id::Slug;

use crate::error::{AppError, Code};

/// A portfolio's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioDir {
    root: PathBuf,
}

const PROJECT_FILE: &str = "factory.toml";
const PROJECT_TEXT: &str = "\
# A portfolio of startups. `factory config show --origin` prints every setting and where it comes from.
schema_version = 1
";
const IGNORED: &str = "/.factory/\n/startups/\n";

impl PortfolioDir {
    /// The portfolio at `root`, or in one of the folders above it.
    pub fn find(root: &Path) -> Result<Self, AppError> {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let found = root
            .ancestors()
            .find(|folder| folder.join(PROJECT_FILE).is_file());
        let Some(root) = found.map(Path::to_owned) else {
            let message = format!(
                "neither `{}` nor any folder above it is a portfolio",
                root.display()
            );
            return Err(AppError::new(Code::NotAPortfolio, message)
                .hint("create one with `factory init`, or name one with `--portfolio DIR`"));
        };
        let portfolio_dir = Self { root };
        portfolio_dir.refuse_foreign()?;
        Ok(portfolio_dir)
    }

    /// Settings and templates say what is run: those of somebody else, in a folder above or in their portfolio, would run
    /// as the caller. Links would lead the program's own files out of the portfolio.
    fn refuse_foreign(&self) -> Result<(), AppError> {
        let caller = rustix::process::geteuid().as_raw();
        let own = [self.hidden(), self.startups()];
        for path in [self.root.clone(), self.project_file()].iter().chain(&own) {
            let Ok(found) = path.symlink_metadata() else {
                continue;
            };
            let path = path.display();
            if found.uid() != caller && found.uid() != 0 {
                let message = format!("`{path}` belongs to user {}, not to you", found.uid());
                return Err(AppError::new(Code::Foreign, message).hint(
                    "work on a portfolio of your own; if this one is meant to be yours, give its files to your user \
                     with `chown -R`",
                ));
            }
        }
        if let Some(link) = own.iter().find(|folder| folder.is_symlink()) {
            let message = format!("`{}` is a link", link.display());
            return Err(AppError::new(Code::Foreign, message)
                .hint("put the folder itself there; nothing was changed"));
        }
        Ok(())
    }

    /// Makes a portfolio. Anything that is in the folder stays as it is.
    pub fn init(root: &Path) -> Result<Self, AppError> {
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let portfolio_dir = Self { root };
        let project = portfolio_dir.project_file();
        if project.exists() {
            let message = format!("`{}` is already a portfolio", portfolio_dir.root.display());
            return Err(AppError::new(Code::PortfolioExists, message)
                .hint("build a startup in it with `factory run BRIEF.yaml`"));
        }
        portfolio_dir.make().map_err(|error| {
            AppError::internal(
                format!("make a portfolio in `{}`", portfolio_dir.root.display()),
                error,
            )
        })?;
        Ok(portfolio_dir)
    }

    fn make(&self) -> io::Result<()> {
        std::fs::create_dir_all(self.startups())?;
        self.make_hidden()?;
        let ignore = self.root.join(".gitignore");
        if !ignore.exists() {
            std::fs::write(ignore, IGNORED)?;
        }
        std::fs::write(self.project_file(), PROJECT_TEXT)
    }

    /// Makes the folders that the program keeps for itself; only the owner may look into them.
    pub fn make_hidden(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        for folder in [self.hidden(), self.staging(), self.logs(), self.cache()] {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::set_permissions(self.hidden(), std::fs::Permissions::from_mode(0o700))
    }

    /// The portfolio's folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its settings.
    pub fn project_file(&self) -> PathBuf {
        self.root.join(PROJECT_FILE)
    }

    /// The folder of all products.
    pub fn startups(&self) -> PathBuf {
        self.root.join("startups")
    }

    /// The product of one startup.
    pub fn startup(&self, slug: &Slug) -> PathBuf {
        self.startups().join(slug.as_str())
    }

    /// What the program keeps for itself; also the folder of the store.
    pub fn hidden(&self) -> PathBuf {
        self.root.join(".factory")
    }

    /// Staging areas.
    pub fn staging(&self) -> PathBuf {
        self.hidden().join("staging")
    }

    /// Moves what a dead driver left in the staging areas aside; the folders that are now to be deleted, those of
    /// earlier drivers included. Only the driver may call it, before anything works.
    ///
    /// # Errors
    ///
    /// The folder cannot be renamed or read.
    pub fn set_staging_aside(&self) -> io::Result<Vec<PathBuf>> {
        const ASIDE: &str = "staging.old-";
        let staging = self.staging();
        if std::fs::read_dir(&staging).is_ok_and(|mut left| left.next().is_some()) {
            let free = (0..).map(|number: u64| format!("{ASIDE}{number}"));
            let mut free = free.map(|name| self.hidden().join(name));
            if let Some(aside) = free.find(|aside| aside.symlink_metadata().is_err()) {
                std::fs::rename(&staging, aside)?;
            }
        }
        let mut left = Vec::new();
        for entry in std::fs::read_dir(self.hidden())? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(ASIDE) {
                left.push(entry.path());
            }
        }
        Ok(left)
    }

    /// Logs of attempts.
    pub fn logs(&self) -> PathBuf {
        self.hidden().join("logs")
    }

    /// Shared caches of package clients.
    pub fn cache(&self) -> PathBuf {
        self.hidden().join("cache")
    }

    /// The driver's lock.
    pub fn lock(&self) -> PathBuf {
        self.hidden().join("lock")
    }

    /// The token that decisions need.
    pub fn token(&self) -> PathBuf {
        self.hidden().join("owner.token")
    }

    /// The driver's control socket.
    pub fn socket(&self) -> PathBuf {
        self.hidden().join("control.sock")
    }
}
