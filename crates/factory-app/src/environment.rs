//! What a process of ours sees of the machine: an environment of its own, a private home, shared caches.
//!
//! Built once from the caller's environment. Package clients keep their settings (registries, certificates,
//! proxies), read only, with the credentials that they may hold; nothing else of the caller's environment gets through.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::portfolio_dir::PortfolioDir;

/// The environment that every process of a portfolio starts from.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

/// Variables that get through by name.
const PASSED: [&str; 14] = [
    "PATH",
    "TZ",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "LD_LIBRARY_PATH",
];

/// Variables that get through by their beginning.
const PASSED_PREFIXES: [&str; 3] = ["PIP_", "npm_config_", "NPM_CONFIG_"];

/// Settings of package clients below the home folder, copied read only.
const CLIENT_FILES: [&str; 3] = [".npmrc", ".config/pip/pip.conf", ".pip/pip.conf"];

impl Environment {
    /// Prepares the private home and the caches of a portfolio; `caller` is the environment that the program
    /// was started with.
    pub fn prepare(
        portfolio_dir: &PortfolioDir,
        caller: &BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let home = portfolio_dir.cache().join("home");
        std::fs::create_dir_all(&home)?;
        if let Some(callers_home) = caller.get("HOME") {
            for file in CLIENT_FILES {
                copy_read_only(&Path::new(callers_home).join(file), &home.join(file))?;
            }
        }
        let passes = |name: &str| {
            PASSED.contains(&name)
                || PASSED_PREFIXES
                    .iter()
                    .any(|prefix| name.starts_with(prefix))
        };
        let mut variables: BTreeMap<String, String> = caller
            .iter()
            .filter(|(name, _)| passes(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut own = |name: &str, value: PathBuf| {
            variables.insert(name.to_owned(), value.display().to_string());
        };
        own("HOME", home);
        own(
            "PIP_CACHE_DIR",
            shared_cache(caller, "PIP_CACHE_DIR", ".cache/pip", portfolio_dir, "pip"),
        );
        own(
            "npm_config_cache",
            shared_cache(caller, "npm_config_cache", ".npm", portfolio_dir, "npm"),
        );
        own("TMPDIR", std::env::temp_dir());
        for (name, value) in [
            ("LANG", "C.UTF-8"),
            ("CI", "true"),
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ] {
            variables.insert(name.to_owned(), value.to_owned());
        }
        variables
            .entry("PATH".to_owned())
            .or_insert_with(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
        Ok(Self { variables })
    }

    /// The variables.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.variables
    }

    /// The variables with some added or replaced.
    pub fn with(
        &self,
        more: impl IntoIterator<Item = (String, String)>,
    ) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables.extend(more);
        variables
    }
}

/// The caller's own cache where there is one, so that what was downloaded once is not downloaded again.
fn shared_cache(
    caller: &BTreeMap<String, String>,
    variable: &str,
    below_home: &str,
    portfolio_dir: &PortfolioDir,
    name: &str,
) -> PathBuf {
    let given = caller.get(variable).map(PathBuf::from);
    let usual = caller
        .get("HOME")
        .map(|home| Path::new(home).join(below_home))
        .filter(|usual| usual.is_dir());
    given
        .or(usual)
        .unwrap_or_else(|| portfolio_dir.cache().join(name))
}

fn copy_read_only(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let text = match std::fs::read(from) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if std::fs::read(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    std::fs::write(to, text)?;
    std::fs::set_permissions(to, std::fs::Permissions::from_mode(0o400))
}
