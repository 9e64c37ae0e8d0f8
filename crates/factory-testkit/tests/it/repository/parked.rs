//! A change that goes beyond its claims, into files that another task holds: it waits, and is not thrown away.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Counts the attempts of `wide`, and lets `holder` work until the test lets go.
#[derive(Debug, Clone)]
struct Counting {
    attempts: Arc<AtomicUsize>,
    go: watch::Sender<bool>,
}

impl Before for Counting {
    fn edit<'a>(&'a self, assignment: &'a Assignment) -> BoxFuture<'a, Result<(), WorkError>> {
        Box::pin(async move {
            match assignment.task.id.as_str() {
                "wide" => {
                    self.attempts.fetch_add(1, Ordering::SeqCst);
                }
                "holder" => drop(self.go.subscribe().wait_for(|go| *go).await.unwrap()),
                _ => {}
            }
            Ok(())
        })
    }
}

/// `holder` claims `b.txt` and `c.txt` alone, and edits the latter. `wide` claims `a.txt`, and edits `b.txt` too.
fn tasks() -> Vec<TaskSpec> {
    let claim = |path| Claim::new(Mode::Write, Glob::literal(path).unwrap());
    let edits = ["a.txt", "b.txt"].map(|path| (path.to_owned(), "by wide".to_owned()));
    vec![
        TaskSpec {
            claims: vec![claim("b.txt"), claim("c.txt")],
            timeout_s: 6000,
            attempts_max: 3,
            ..edit("holder", "c.txt")
        },
        TaskSpec {
            claims: vec![claim("a.txt")],
            work: Payload::of(&Edits::from(edits)).unwrap(),
            on_conflict: OnConflict::Fail,
            ..edit("wide", "a.txt")
        },
    ]
}

impl Bench {
    async fn until_parked(&self) {
        let mut seen = Seq(0);
        loop {
            let page = self.store.read_all(seen, 1000).await.unwrap();
            if page
                .iter()
                .any(|recorded| recorded.event.encode().kind == "run.change_parked")
            {
                return;
            }
            seen = page.last().map_or(seen, |recorded| recorded.seq);
            self.store.wait_beyond(seen).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_beyond_its_claims_waits_for_them_and_is_made_once() {
    for restart in [false, true] {
        let bench = Bench::new();
        let counting = Counting {
            attempts: Arc::default(),
            go: watch::Sender::new(false),
        };
        let open = || bench.open_with(Arc::new(HeldUp(counting.clone())));
        let (mut runner, _handle) = open().await.unwrap();
        runner
            .start(first_run(), plan(BRANCH), tasks())
            .await
            .unwrap();
        if restart {
            tokio::select! {
                _ = runner.drive() => panic!("`holder` works until it is let go"),
                () = bench.until_parked() => {}
            }
            drop(runner);
            (runner, _) = open().await.unwrap();
        }
        let (rest, ()) = tokio::join!(runner.drive(), async {
            bench.until_parked().await;
            counting.go.send_replace(true);
        });
        assert_eq!(rest.unwrap(), Rest::Ended(End::Unverified), "{restart}");
        for (path, by) in [("a.txt", "wide"), ("b.txt", "wide"), ("c.txt", "holder")] {
            assert_eq!(bench.landed(path), format!("first\nby {by}\nlast"));
        }
        assert_eq!(counting.attempts.load(Ordering::SeqCst), 1, "{restart}");
    }
}
