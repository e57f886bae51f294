//! The hidden registry of one annotated function.

use crate::{
    call::{across::Here, seat::Seat},
    flight::map::FlightMap,
    group::{
        function::Function,
        function_id::{Instance, function_name},
        per_function::PerFunction,
        single::Single,
    },
    key::{Key, carry::Carry, show::Shown},
};

/// The hidden registry of one annotated function: a group for each of its instantiations.
#[derive(Debug)]
pub struct Hidden {
    function: Function,
    groups: PerFunction<Single>,
}

impl Hidden {
    /// Groups of this function.
    #[must_use]
    pub const fn new(function: Function) -> Self {
        Self {
            function,
            groups: PerFunction::new(),
        }
    }

    /// The seat of a call with this key.
    #[cfg_attr(not(debug_assertions), inline(always))] // As that of a `Home`.
    pub(super) fn seat<K: Send + Sync + 'static, Q: Key<K> + Carry>(
        &'static self,
        of: Instance,
        shown: Option<Shown>,
        key: Q,
    ) -> Seat<&'static FlightMap<K>, K, Here, Q::Carried> {
        let mut seat = Seat::outside(self.flights(of, shown), Here, None);
        seat.come_here(key);
        seat
    }

    /// The flights of this instantiation.
    #[inline]
    pub(super) fn flights<K: Send + Sync + 'static>(
        &self,
        of: Instance,
        shown: Option<Shown>,
    ) -> &FlightMap<K> {
        match self.groups.get(of.id()) {
            Some(group) => group,
            None => self.first::<K>(of, shown),
        }
        .flights()
    }

    #[cold]
    fn first<K: Send + Sync + 'static>(&self, of: Instance, shown: Option<Shown>) -> &Single {
        self.groups.find_or_init(of.id(), &|| {
            let name = self.function.name;
            let name = name.unwrap_or_else(|| function_name(of.body()));
            Single::new::<K>(name, None, self.function.config, shown)
        })
    }
}
