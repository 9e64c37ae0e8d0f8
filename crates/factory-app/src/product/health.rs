//! Whether a product that was started answers.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use factory_core::process::ProcessIdentity;

use super::Products;
use crate::error::AppError;

/// Longest time that a product may take until its health check passes.
const HEALTH_PATIENCE: Duration = Duration::from_mins(1);
/// How long a product without a health check is watched after its start.
const START_PATIENCE: Duration = Duration::from_secs(1);
/// Time between two questions.
const HEALTH_PERIOD: Duration = Duration::from_millis(200);

/// What a product is asked after its start.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// Where it answers; one without an address is only watched.
    pub(super) port: Option<u16>,
    /// The health check of its template, which must answer with status 200; without one any HTTP answer counts.
    pub(super) health: Option<String>,
}

/// How a product stands after its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Health {
    /// It has answered.
    Answers,
    /// It lives and has not answered.
    Silent,
    /// Its process has ended.
    Ended,
}

impl Question {
    fn patience(&self) -> Duration {
        match (self.port, &self.health) {
            (Some(_), Some(_)) => HEALTH_PATIENCE,
            _ => START_PATIENCE,
        }
    }

    /// Asks once; anything but the right answer in time is a no.
    fn is_answered(&self) -> bool {
        let ask = |port| match &self.health {
            Some(path) => status_line(port, path).map(|line| line.ends_with(b" 200")),
            None => status_line(port, "/").map(|line| line.starts_with(b"HTTP/")),
        };
        self.port.is_some_and(|port| ask(port).unwrap_or(false))
    }
}

impl Products {
    /// Asks until the product answers, ends, or has taken too long.
    pub(super) async fn health(
        &self,
        process: &ProcessIdentity,
        question: &Question,
    ) -> Result<Health, AppError> {
        let clock = &self.driver.ports().clock;
        let until = clock.now().plus(question.patience());
        while clock.now() < until {
            let answers = self.answers(question).await;
            // Somebody may answer in its place: it was our product only if that is still alive.
            if !self.driver.is_alive(process).await? {
                return Ok(Health::Ended);
            }
            if answers {
                return Ok(Health::Answers);
            }
            clock.sleep_until(clock.now().plus(HEALTH_PERIOD)).await;
        }
        Ok(Health::Silent)
    }

    /// Whether it answers at this moment.
    pub(super) async fn answers(&self, question: &Question) -> bool {
        let question = question.clone();
        let asked = tokio::task::spawn_blocking(move || question.is_answered()).await;
        asked.unwrap_or(false)
    }
}

/// The beginning of an answer, up to its status.
fn status_line(port: u16, path: &str) -> io::Result<[u8; 12]> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    // In one piece: some servers answer before they have read a request that comes in several.
    let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0_u8; 12];
    stream.read_exact(&mut head)?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn only_a_status_200_is_healthy_and_without_a_check_any_answer() {
        let check = Some("/healthz".to_owned());
        for (answer, health, healthy) in [
            ("HTTP/1.1 200 OK\r\n\r\n", &check, true),
            ("HTTP/1.0 200 OK\r\n\r\n", &check, true),
            ("HTTP/1.1 503 Not yet\r\n\r\n", &check, false),
            ("HTTP/1.1 20", &check, false),
            ("", &check, false),
            ("HTTP/1.1 404 Nothing here\r\n\r\n", &None, true),
            ("SSH-2.0-OpenSSH_9.9\r\n", &None, false),
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
            let question = Question {
                port: Some(port),
                health: health.clone(),
            };
            assert_eq!(question.is_answered(), healthy, "{answer}");
            let path = health.as_deref().unwrap_or("/");
            let request = format!("GET {path} HTTP/1.0\r\n");
            assert!(server.join().unwrap().starts_with(&request));
        }
    }

    #[test]
    fn nobody_who_listens_is_not_healthy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let port = Some(port);
        assert!(!Question { port, health: None }.is_answered());
    }
}
