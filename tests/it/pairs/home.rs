//! Where the flights of a function are.

use crate::pairs::{
    body::{Body, Fate, Key, Record},
    functions::{Call, Function, Groups, all},
    options::{Opt, Set},
    schedule::keys,
};
use coalesced::{
    __private::across::{Across, Brief},
    AnyGroup, Config, Group, Registry, Stats, groups,
};
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

    pub(super) fn home(&self, options: Set, groups: &Groups) -> Box<dyn Home> {
        let across = &groups.across;
        let is = [Opt::Cluster, Opt::Group, Opt::ShareOk].map(|option| options.has(option));
        match is {
            [true, true, true] => Box::new(across.ok.clone()),
            [true, true, false] => Box::new(across.whole.clone()),
            [true, false, _] => Box::new(across.registry.clone()),
            [false, true, true] => Box::new(groups.ok.clone()),
            [false, true, false] => Box::new(groups.whole.clone()),
            [false, false, _] if options.has(Opt::Registry) => Box::new(groups.registry.clone()),
            [false, false, _] => Box::new(self.hidden.get_or_init(|| self.find()).clone()),
        }
    }

    /// The group that is there after the first call, and was not before; the functions have one name.
    fn find(&self) -> AnyGroup {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let record = Arc::new(Record::default());
        record.finish(0, Fate::Ok);
        let places = Groups::new(&record.alive);
        let call = (self.function.call)(Call {
            key: Key {
                number: keys(),
                _alive: Arc::clone(&record.alive),
            },
            bypass: false,
            body: Body { caller: 0, record },
            groups: places,
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
pub(super) trait Home {
    fn stats(&self) -> Stats;
    fn reset_stats(&self);
    fn set_config(&self, config: Config);
    fn forget_all(&self);

    /// `None`: only the function can name its keys.
    fn forget(&self, _: &Key) -> Option<bool> {
        None
    }
}

macro_rules! home {
    ([$($parameters:tt)*] $of:ty $(, $forget:item)?) => {
        impl<$($parameters)*> Home for $of {
            fn stats(&self) -> Stats {
                <$of>::stats(self)
            }

            fn reset_stats(&self) {
                <$of>::reset_stats(self);
            }

            fn set_config(&self, config: Config) {
                <$of>::set_config(self, config);
            }

            fn forget_all(&self) {
                <$of>::forget_all(self);
            }

            $($forget)?
        }
    };
}

home!([] AnyGroup);
home!([A: Clone + Send + Sync] Registry<A>);
home!([V: Send + Sync + 'static, A: Across<V, Lead: for<'k> Brief<&'k Key>>] Group<Key, V, A>,
    fn forget(&self, key: &Key) -> Option<bool> {
        Some(Group::forget(self, key))
    }
);
