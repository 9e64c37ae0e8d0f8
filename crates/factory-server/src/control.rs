//! The driver's control socket: a Unix socket that only the owner may open.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use factory_app::factory::Factory;
use factory_core::clock::Clock;
use tokio::net::UnixListener;

use crate::routes;

/// Longest path that every system takes for a socket.
const SOCKET_PATH_MAX: usize = 100;

/// The socket's real path: `wanted`, or one in the user's runtime folder when that is too long.
pub fn socket_path(wanted: &Path, runtime_folder: Option<&Path>) -> PathBuf {
    if wanted.as_os_str().len() <= SOCKET_PATH_MAX {
        return wanted.to_owned();
    }
    let folder = runtime_folder.map_or_else(std::env::temp_dir, Path::to_owned);
    let name = factory_core::id::BlobId::of(wanted.as_os_str().as_encoded_bytes());
    let short: String = name.as_str().chars().take(16).collect();
    folder.join(format!("factory-{short}.sock"))
}

/// Listens. The caller holds the portfolio's lock, so that a socket that is there belongs to a dead driver.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves until the future is dropped.
pub async fn serve(
    listener: UnixListener,
    factory: Arc<dyn Factory>,
    token: &str,
    clock: Arc<dyn Clock>,
) -> io::Result<()> {
    axum::serve(listener, routes::router(factory, token, clock)).await
}

/// Bytes of chance in a token; it is written as twice as many hexadecimal digits.
const TOKEN_BYTES: usize = 32;

/// The owner's token: made once, whole or not at all, readable by the owner only.
pub fn owner_token(path: &Path) -> io::Result<String> {
    match std::fs::read_to_string(path) {
        Ok(token) if is_token(token.trim()) => return Ok(token.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // Missing, or no token: nothing that anybody could know is ever accepted.
        Ok(_) | Err(_) => {}
    }
    let mut random = [0_u8; TOKEN_BYTES];
    let mut source = std::fs::File::open("/dev/urandom")?;
    io::Read::read_exact(&mut source, &mut random)?;
    let hex = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let token: String = random
        .iter()
        .flat_map(|byte| [hex(byte >> 4), hex(byte & 15)])
        .collect();
    let fresh = path.with_extension("fresh");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    let mut file = options.open(&fresh)?;
    io::Write::write_all(&mut file, token.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)?;
    Ok(token)
}

fn is_token(text: &str) -> bool {
    text.len() == 2 * TOKEN_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_moves_to_the_runtime_folder() {
        let short = Path::new("/p/.factory/control.sock");
        assert_eq!(socket_path(short, None), short);
        let long = PathBuf::from(format!("/{}/control.sock", "deep/".repeat(30)));
        let moved = socket_path(&long, Some(Path::new("/run/user/1")));
        assert!(
            moved.starts_with("/run/user/1") && moved.as_os_str().len() <= SOCKET_PATH_MAX,
            "{moved:?}"
        );
        assert_eq!(moved, socket_path(&long, Some(Path::new("/run/user/1"))));
    }

    #[test]
    fn the_token_is_made_once_and_only_for_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner.token");
        let token = owner_token(&path).unwrap();
        assert_eq!(token.len(), 64);
        assert_eq!(owner_token(&path).unwrap(), token);
        std::fs::write(&path, "").unwrap();
        let other = owner_token(&path).unwrap();
        assert!(
            other.len() == 64 && other != token,
            "an empty file is not a token"
        );
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
