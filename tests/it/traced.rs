//! Feature `tracing`: what a recording subscriber sees.

use crate::support::{Scene, all_have, unwinds};
use coalesced::{Config, Group};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, Once},
};
use tokio_test::{assert_pending, assert_ready_eq, task};
use tracing::{
    Event, Id, Metadata, Subscriber,
    field::{Field, Visit},
    info,
    span::{Attributes, Record},
    subscriber::Interest,
};
use tracing_subscriber::{
    layer::{Context, Layer, SubscriberExt},
    registry::LookupSpan,
};

/// What happened on this thread, a line each; spans are numbered as they come.
#[derive(Clone, Default)]
pub(crate) struct Recording {
    lines: Arc<Mutex<Vec<String>>>,
    numbers: Arc<Mutex<BTreeMap<u64, usize>>>,
}

thread_local! {
    static HERE: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// The one subscriber of all tests: what scoped ones see of a span depends on which thread came by first. It
/// listens on threads that record, and so the other tests are not traced.
struct ToThread;

impl Recording {
    /// From now on this thread records.
    fn start() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(ToThread);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let recording = Self::default();
        HERE.set(Some(recording.clone()));
        recording
    }

    fn end(self) -> Vec<String> {
        HERE.set(None);
        std::mem::take(&mut self.lines.lock().unwrap())
    }

    pub(crate) fn of(calls: impl FnOnce()) -> Vec<String> {
        let recording = Self::start();
        calls();
        recording.end()
    }

    fn here() -> Self {
        let here = HERE.with_borrow(Option::clone);
        here.expect("only threads that record are listened to")
    }

    fn line(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn number(&self, id: &Id) -> usize {
        self.numbers.lock().unwrap()[&id.into_u64()]
    }
}

#[derive(Default)]
struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for ToThread {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        HERE.with_borrow(Option::is_some)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let here = Recording::here();
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent = context.span(id).and_then(|span| span.parent());
        let number = {
            let mut numbers = here.numbers.lock().unwrap();
            let number = numbers.len() + 1;
            numbers.insert(id.into_u64(), number);
            number
        };
        let parent = parent.map_or(String::new(), |parent| {
            format!(" in {}", here.number(&parent.id()))
        });
        here.line(format!(
            "{number}: {}{}{parent}",
            attributes.metadata().name(),
            fields.0
        ));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let here = Recording::here();
        let mut fields = Fields::default();
        values.record(&mut fields);
        here.line(format!("{}:{}", here.number(id), fields.0));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        let here = Recording::here();
        let (id, follows) = (here.number(id), here.number(follows));
        here.line(format!("{id}: follows {follows}"));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let here = Recording::here();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let within = context.event_span(event);
        let within = within.map_or(0, |span| here.number(&span.id()));
        let level = event.metadata().level();
        here.line(format!("{level} in {within}:{}", fields.0));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let here = Recording::here();
        here.line(format!("{}: closed", here.number(&id)));
    }
}

fn users() -> Scene<u64> {
    let mut users = Scene::new(|| {
        info!("the body");
        49
    });
    users.group = Group::new().named("users");
    users
}

#[test]
fn three_followers_follow_from_the_leader() {
    let lines = Recording::of(|| {
        let users = users();
        let mut callers = users.begin::<4>();
        users.gate.open();
        all_have(&mut callers, 49);
    });
    assert_eq!(
        lines,
        [
            r#"1: coalesced function="users" role="leader""#,
            r#"2: coalesced function="users" role="follower""#,
            r#"3: coalesced function="users" role="follower""#,
            r#"4: coalesced function="users" role="follower""#,
            "INFO in 1: message=the body",
            r#"1: outcome="landed""#,
            "1: closed",
            "2: follows 1",
            r#"2: outcome="landed""#,
            "2: closed",
            "3: follows 1",
            r#"3: outcome="landed""#,
            "3: closed",
            "4: follows 1",
            r#"4: outcome="landed""#,
            "4: closed",
        ]
    );
}

#[test]
fn whoever_takes_over_follows_from_the_one_before() {
    let lines = Recording::of(|| {
        let users = users();
        let [leader, mut next, left] = users.begin();
        drop(left);
        drop(leader);
        assert_pending!(next.poll());
        drop(next);
    });
    assert_eq!(
        lines,
        [
            r#"1: coalesced function="users" role="leader""#,
            r#"2: coalesced function="users" role="follower""#,
            r#"3: coalesced function="users" role="follower""#,
            "3: follows 1",
            r#"3: outcome="left""#,
            "3: closed",
            r#"1: outcome="abandoned""#,
            "1: closed",
            "2: follows 1",
            r#"2: outcome="took over""#,
            "2: closed",
            r#"4: coalesced function="users" role="leader""#,
            r#"4: outcome="abandoned""#,
            "4: closed",
        ]
    );
}

#[test]
fn other_ends_are_told() {
    let lines = Recording::of(|| {
        let group = Group::<u64, Result<u64, ()>>::new().named("users");
        assert_ready_eq!(
            task::spawn(group.call(7, async { Err(()) })).poll(),
            Err(())
        );
        unwinds(|| task::spawn(group.call(7, async { panic!("of the test") })).poll());
        group.set_config(Config::disabled());
        assert_ready_eq!(task::spawn(group.call(7, async { Ok(49) })).poll(), Ok(49));
    });
    assert_eq!(
        lines,
        [
            r#"1: coalesced function="users" role="leader""#,
            r#"1: outcome="failed""#,
            "1: closed",
            r#"2: coalesced function="users" role="leader""#,
            r#"2: outcome="panicked""#,
            "2: closed",
            r#"3: coalesced function="users" role="alone""#,
            r#"3: outcome="landed""#,
            "3: closed",
        ]
    );
}

#[test]
fn a_storm_of_takeovers_is_a_warning() {
    let lines = Recording::of(|| {
        let users = users();
        let mut callers = Vec::from(users.begin::<20>());
        while !callers.is_empty() {
            drop(callers.remove(0));
            for caller in &mut callers {
                assert_pending!(caller.poll());
            }
        }
    });
    let warnings: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("WARN"))
        .collect();
    assert_eq!(warnings.len(), 2, "at 8 and at 16: {warnings:?}");
    assert!(warnings[1].contains(r#"function="users" takeovers=16"#));
}

#[cfg(feature = "spawn")]
#[tokio::test]
async fn a_spawned_body_is_in_the_span_of_its_caller() {
    use coalesced::coalesce;
    use tracing::{Instrument as _, info_span};

    #[coalesce(spawn)]
    async fn spawned(id: u64) -> u64 {
        info!("the body");
        id
    }

    let recording = Recording::start();
    spawned(7).instrument(info_span!("request")).await;
    let lines = recording.end();
    assert_eq!(lines[0], "1: request");
    assert!(
        lines[1].ends_with(r#"spawned" role="leader" in 1"#),
        "{lines:?}"
    );
    assert_eq!(lines[2], "INFO in 2: message=the body");
}
