//! What the socket answers to requests that no client of ours would send: always a problem document.

use std::os::unix::fs::PermissionsExt as _;

use factory_app::factory::Factory as _;
use factory_testkit::fixture;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::doors::{Doors, TOKEN};

/// An answer as it came.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Doors {
    /// Sends bytes as they are.
    async fn send(&self, bytes: Vec<u8>) -> Answer {
        let (mut from, mut to) = UnixStream::connect(&self.socket)
            .await
            .unwrap()
            .into_split();
        // The other side may answer and hang up before it has read everything.
        let writing = tokio::spawn(async move {
            drop(to.write_all(&bytes).await);
            to
        });
        let mut answer = Vec::new();
        drop(from.read_to_end(&mut answer).await);
        writing.abort();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or(answer.len());
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let body = answer.get(end + 4..).unwrap_or_default().to_vec();
        Answer {
            status: status.unwrap_or(0),
            head,
            body,
        }
    }

    /// Sends a request with these headers.
    async fn ask(&self, line: &str, headers: &[String], body: &[u8]) -> Answer {
        let length = format!("Content-Length: {}", body.len());
        let fixed = [
            "Host: factory".to_owned(),
            "Connection: close".to_owned(),
            length,
        ];
        let mut text = format!("{line} HTTP/1.1\r\n");
        for header in fixed.iter().chain(headers) {
            text += header;
            text += "\r\n";
        }
        text.push_str("\r\n");
        self.send([text.as_bytes(), body].concat()).await
    }

    /// Posts JSON as the owner.
    async fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.ask(
            &format!("POST {path}"),
            &[token(TOKEN), kind("application/json")],
            body,
        )
        .await
    }
}

fn token(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

fn kind(kind: &str) -> String {
    format!("Content-Type: {kind}")
}

impl Answer {
    /// Status, code and detail of a problem document; whatever else it is fails the test.
    fn problem(&self) -> (u16, String, String) {
        assert!(
            self.head.contains("content-type: application/problem+json"),
            "{self:?}"
        );
        let document: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(document["status"], self.status, "{document}");
        for key in ["type", "title", "detail", "code"] {
            assert!(
                document[key].as_str().is_some_and(|text| !text.is_empty()),
                "{key}: {document}"
            );
        }
        let text = |key: &str| document[key].as_str().unwrap().to_owned();
        (self.status, text("code"), text("detail"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_changed_without_the_owners_token() {
    let doors = Doors::open().await;
    let submissions = serde_json::to_vec(&[fixture::from_blueprint("one")]).unwrap();
    let json = kind("application/json");
    let strange = [
        vec![json.clone()],
        vec![json.clone(), token("")],
        vec![json.clone(), token("the-owneR")],
        vec![json.clone(), token("the-owner-and-more")],
        vec![json.clone(), format!("Authorization: {TOKEN}")],
        vec![json.clone(), format!("Authorization: Basic {TOKEN}")],
        vec![json, "Authorization: Bearer \u{ff}".to_owned()],
    ];
    let paths = [
        "/startups",
        "/startups/one/product",
        "/runs/one.1/cancel",
        "/gates/one.1.release_readiness/decision",
    ];
    for headers in &strange {
        for path in paths {
            // Even what could not be read is not read before the token.
            for body in [&submissions[..], b"{"] {
                let answer = doors
                    .ask(&format!("POST /api/v1{path}"), headers, body)
                    .await;
                let (status, code, _) = answer.problem();
                assert_eq!(
                    (status, code.as_str()),
                    (403, "F0401"),
                    "{path} {headers:?}"
                );
            }
        }
    }
    assert!(doors.local.startups().await.unwrap().is_empty());
    // Looking needs none.
    let answer = doors.ask("GET /api/v1/startups", &[], b"").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"[]"[..]));
    let answer = doors.post("/api/v1/startups", &submissions).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_understood_are_problems() {
    let doors = Doors::open().await;
    let mut unknown_key = json!([fixture::from_blueprint("one")]);
    unknown_key[0]["colour"] = json!("blue");
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let unknown_key = unknown_key.to_string().into_bytes();
    let bodies = [
        (Vec::new(), 400),
        (b"[{".to_vec(), 400),
        (b"\xff\xfe\x00".to_vec(), 400),
        (deep, 422),
        (b"{}".to_vec(), 422),
        (br#"[{"slug": 3}]"#.to_vec(), 422),
        (unknown_key, 422),
    ];
    for (body, expected) in bodies {
        let answer = doors.post("/api/v1/startups", &body).await;
        let (status, code, detail) = answer.problem();
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        assert_eq!(
            (status, code.as_str()),
            (expected, "F0402"),
            "{shown}: {detail}"
        );
    }
    let path = "/api/v1/gates/one.1.release_readiness/decision";
    let (status, _, detail) = doors
        .post(path, br#"{"verdict":"perhaps","by":"ada"}"#)
        .await
        .problem();
    assert!(status == 422 && detail.contains("perhaps"), "{detail}");
    let plain = [token(TOKEN), kind("text/plain")];
    let (status, ..) = doors
        .ask("POST /api/v1/startups", &plain, b"[]")
        .await
        .problem();
    assert_eq!(status, 415);
    assert!(doors.local.startups().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end_is_a_problem() {
    let doors = Doors::open().await;
    let large = vec![b' '; 17 << 20];
    let (status, code, _) = doors.post("/api/v1/startups", &large).await.problem();
    assert_eq!((status, code.as_str()), (413, "F0402"));
    assert!(doors.remote.is_alive().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_there_are_not_are_problems() {
    let doors = Doors::open().await;
    let cases = [
        ("GET /", 404),
        ("GET /api/v1", 404),
        ("GET /api/v1/", 404),
        ("GET /api/v1/nothing", 404),
        ("GET /api/v2/startups", 404),
        ("GET /api/v1/../../.factory/owner.token", 404),
        ("GET /api/v1/startups/%2e%2e%2fetc", 422),
        ("GET /api/v1/startups/%ff", 400),
        ("GET /api/v1/events?after=-1", 400),
        ("GET /api/v1/events?after=1&colour=blue", 400),
        ("GET /api/v1/gates?open=perhaps", 400),
        ("DELETE /api/v1/startups", 405),
        ("GET /api/v1/runs/one.1/cancel", 405),
    ];
    for (line, expected) in cases {
        let answer = doors.ask(line, &[token(TOKEN)], b"").await;
        let (status, _, detail) = answer.problem();
        assert_eq!(status, expected, "{line}: {detail}");
        assert_eq!(
            answer.head.contains("\r\nallow: "),
            status == 405,
            "{line}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_harm_nobody() {
    let doors = Doors::open().await;
    for bytes in [
        &b"\x00\x01\x02\xff\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
    ] {
        let mut stream = UnixStream::connect(&doors.socket).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        assert!(
            !answer.starts_with(b"HTTP/1.1 2"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    assert!(doors.remote.is_alive().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_the_owners_alone() {
    let doors = Doors::open().await;
    let mode = std::fs::metadata(&doors.socket)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}
