//! Whether a product that was started answers.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use factory_core::process::ProcessIdentity;

use super::Products;
use crate::error::AppError;

/// Longest time that a product may take until it answers.
const HEALTH_PATIENCE: Duration = Duration::from_mins(1);
/// Time between two questions.
const HEALTH_PERIOD: Duration = Duration::from_millis(200);

impl Products {
    /// Asks until the product answers with status 200, ends, or has taken too long.
    pub(super) async fn is_healthy(
        &self,
        process: &ProcessIdentity,
        port: u16,
        path: &str,
    ) -> Result<bool, AppError> {
        let clock = &self.driver.ports().clock;
        let until = clock.now().plus(HEALTH_PATIENCE);
        while clock.now() < until && self.driver.is_alive(process).await? {
            let path = path.to_owned();
            let asked = tokio::task::spawn_blocking(move || answers_200(port, &path)).await;
            if asked.unwrap_or(false) {
                // Somebody answered; it was our product only if that is still alive.
                return self.driver.is_alive(process).await;
            }
            clock.sleep_until(clock.now().plus(HEALTH_PERIOD)).await;
        }
        Ok(false)
    }
}

/// Asks once; anything but a status 200 in time is a no.
fn answers_200(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // In one piece: some servers answer before they have read a request that comes in several.
        let request =
            format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut head = [0_u8; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_a_status_200_is_healthy() {
        for (answer, healthy) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.0 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 Not yet\r\n\r\n", false),
            ("HTTP/1.1 20", false),
            ("", false),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0_u8; 256];
                let read = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                String::from_utf8_lossy(&request[..read]).into_owned()
            });
            assert_eq!(answers_200(port, "/healthz"), healthy, "{answer}");
            assert!(
                server
                    .join()
                    .unwrap()
                    .starts_with("GET /healthz HTTP/1.0\r\n")
            );
        }
    }

    #[test]
    fn nobody_who_listens_is_not_healthy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(!answers_200(port, "/healthz"));
    }
}
