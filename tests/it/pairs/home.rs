//! Where the flights of a function are.

use crate::pairs::{
    body::{Answer, Body, Fate, Key, Record, Value},
    functions::{Call, Function, Groups, all},
    options::{Opt, Set},
    schedule::keys,
};
use coalesced::{AnyGroup, Config, Group, Registry, Stats, groups};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A function, and its hidden group.
pub(super) struct Subject {
    pub(super) function: Function,
    hidden: OnceLock<AnyGroup>,
    /// Schedules of one function would meet in its hidden group's numbers.
    turn: Mutex<()>,
}

impl Subject {
    /// Runs this with the function that these options make, when nobody else has it.
    pub(super) fn with<T>(options: Set, run: impl FnOnce(&Self) -> T) -> T {
        static ALL: OnceLock<Vec<Subject>> = OnceLock::new();
        let subject = |function| Self {
            function,
            hidden: OnceLock::new(),
            turn: Mutex::default(),
        };
        let all = ALL.get_or_init(|| all().into_iter().map(subject).collect());
        let subject = all
            .iter()
            .find(|subject| subject.function.written == options.written())
            .expect("what is taken is written");
        let _turn = subject.turn.lock().unwrap_or_else(PoisonError::into_inner);
        run(subject)
    }

    pub(super) fn home(&self, options: Set, groups: &Groups) -> Home {
        if options.has(Opt::Registry) {
            return Home::Registry(groups.registry.clone());
        }
        match (options.has(Opt::Group), options.has(Opt::ShareOk)) {
            (true, true) => Home::Ok(groups.ok.clone()),
            (true, false) => Home::Whole(groups.whole.clone()),
            (false, _) => Home::Hidden(self.hidden.get_or_init(|| self.find()).clone()),
        }
    }

    /// The group that is there after the first call, and was not before; the functions have one name.
    fn find(&self) -> AnyGroup {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let record = Arc::new(Record::default());
        record.finish(0, Fate::Ok);
        let call = (self.function.call)(Call {
            key: Key {
                number: keys(),
                _alive: Arc::clone(&record.alive),
            },
            bypass: false,
            body: Body { caller: 0, record },
            groups: Groups::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        if self.function.written.has(Opt::Blocking) {
            assert!(futures::executor::block_on(call).is_ok());
        } else {
            assert!(runtime.block_on(call).is_ok());
        }
        let hidden = groups()
            .into_iter()
            .filter(|group| group.name().starts_with("it::pairs::functions::"))
            .filter(|group| group.registry().is_none());
        hidden.last().expect("it has been called")
    }
}

/// Who has the flights.
pub(super) enum Home {
    Hidden(AnyGroup),
    Registry(Registry),
    Whole(Group<Key, Answer>),
    Ok(Group<Key, Value>),
}

impl Home {
    pub(super) fn stats(&self) -> Stats {
        match self {
            Self::Hidden(group) => group.stats(),
            Self::Registry(registry) => registry.stats(),
            Self::Whole(group) => group.stats(),
            Self::Ok(group) => group.stats(),
        }
    }

    pub(super) fn reset_stats(&self) {
        match self {
            Self::Hidden(group) => group.reset_stats(),
            Self::Registry(registry) => registry.reset_stats(),
            Self::Whole(group) => group.reset_stats(),
            Self::Ok(group) => group.reset_stats(),
        }
    }

    pub(super) fn set_config(&self, config: Config) {
        match self {
            Self::Hidden(group) => group.set_config(config),
            Self::Registry(registry) => registry.set_config(config),
            Self::Whole(group) => group.set_config(config),
            Self::Ok(group) => group.set_config(config),
        }
    }

    /// `None`: only the function can name its keys.
    pub(super) fn forget(&self, key: &Key) -> Option<bool> {
        match self {
            Self::Hidden(_) | Self::Registry(_) => None,
            Self::Whole(group) => Some(group.forget(key)),
            Self::Ok(group) => Some(group.forget(key)),
        }
    }

    pub(super) fn forget_all(&self) {
        match self {
            Self::Hidden(group) => group.forget_all(),
            Self::Registry(registry) => registry.forget_all(),
            Self::Whole(group) => group.forget_all(),
            Self::Ok(group) => group.forget_all(),
        }
    }
}
