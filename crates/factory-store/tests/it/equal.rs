//! Random appends give the same answers and the same content on both stores.

use factory_core::event::Event;
use factory_core::id::{Slug, StreamId, Term, Version};
use factory_core::port::Append;
use factory_core::projection::{self, Select};
use factory_store::{Durability, SqliteStore};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::catalogue::{AT, added, attempted, created, every_kind, granted, note, released};
use crate::fixture::{Ports, write};

/// One step of a random history.
#[derive(Debug, Clone)]
enum Step {
    Begin,
    Append {
        term: Option<u64>,
        writes: Vec<(usize, Guess, Vec<Event>)>,
        later_ms: i64,
    },
}

/// The version that a random append expects.
#[derive(Debug, Clone, Copy)]
enum Guess {
    Any,
    Right,
    Off(u64),
}

const STREAMS: [&str; 3] = ["portfolio", "repo/ledgerly", "repo/orderly"];

fn event() -> impl Strategy<Value = Event> {
    let slug = prop::sample::select(vec!["ledgerly", "orderly", "tidy"]);
    let task = prop::sample::select(vec!["a", "b", "entity:Größe"]);
    prop_oneof![
        3 => prop::sample::select(every_kind()),
        1 => any::<String>().prop_map(|why| note(&why)),
        1 => slug.clone().prop_map(created),
        1 => slug.clone().prop_map(granted),
        1 => slug.clone().prop_map(released),
        1 => (slug.clone(), task.clone()).prop_map(|(slug, task)| added(&Slug::parse(slug).unwrap().run(1), &[task])),
        1 => (slug, task, 1..9_u64)
            .prop_map(|(slug, task, epoch)| attempted(&Slug::parse(slug).unwrap().run(1), task, epoch)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let guess = prop_oneof![
        1 => Just(Guess::Any),
        4 => Just(Guess::Right),
        1 => (0..4_u64).prop_map(Guess::Off),
    ];
    let writes = vec((0..STREAMS.len(), guess, vec(event(), 0..4)), 0..3);
    prop_oneof![
        1 => Just(Step::Begin),
        9 => (prop::option::of(0..4_u64), writes, 0..100_000_i64)
            .prop_map(|(term, writes, later_ms)| Step::Append { term, writes, later_ms }),
    ]
}

/// What a store answers to a step, as text.
async fn perform(store: &Ports, step: &Step) -> String {
    match step {
        Step::Begin => format!("{:?}", store.terms.begin("somebody").await),
        Step::Append {
            term,
            writes,
            later_ms,
        } => {
            let mut append = Append {
                at: AT,
                term: term.map(Term),
                writes: Vec::new(),
            };
            append.at.0 += later_ms;
            for (stream, guess, events) in writes {
                let id = StreamId::parse(STREAMS[*stream]).unwrap();
                let read = store.log.read(&id, Version(0), usize::MAX).await.unwrap();
                let expected = match guess {
                    Guess::Any => None,
                    Guess::Right => Some(read.len() as u64),
                    Guess::Off(version) => Some(*version),
                };
                append
                    .writes
                    .push(write(STREAMS[*stream], expected, events.clone()));
            }
            format!("{:?}", store.append(append).await)
        }
    }
}

async fn check_equal(left: &Ports, right: &Ports) {
    assert_eq!(left.all().await, right.all().await);
    assert_eq!(
        left.log.head().await.unwrap(),
        right.log.head().await.unwrap()
    );
    assert_eq!(
        left.terms.current().await.unwrap(),
        right.terms.current().await.unwrap()
    );
    assert_eq!(left.tables().await, right.tables().await);
    for stream in STREAMS.map(StreamId::from_static) {
        for after in 0..3 {
            let left = left.log.read(&stream, Version(after), 3).await.unwrap();
            assert_eq!(
                left,
                right.log.read(&stream, Version(after), 3).await.unwrap()
            );
        }
    }
    for table in projection::ALL {
        for column in table.columns {
            for descending in [false, true] {
                let select = Select {
                    descending,
                    limit: Some(5),
                    ..Select::all(table).by(column.name)
                };
                let left = left.query.list(select.clone()).await.unwrap();
                assert_eq!(
                    left,
                    right.query.list(select).await.unwrap(),
                    "{}",
                    column.name
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn both_stores_answer_and_hold_the_same(steps in vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let sqlite = SqliteStore::open(dir.path(), Durability::Relaxed).unwrap();
            let sqlite = Ports::of(sqlite, None);
            let memory = Ports::memory();
            for step in &steps {
                assert_eq!(perform(&memory, step).await, perform(&sqlite, step).await);
            }
            check_equal(&memory, &sqlite).await;
            drop(sqlite);
            let reopened = SqliteStore::open(dir.path(), Durability::Relaxed).unwrap();
            check_equal(&memory, &Ports::of(reopened, None)).await;
        });
    }
}
