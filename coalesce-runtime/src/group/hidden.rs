//! The hidden registry of one annotated function.

use std::any::type_name;

use crate::{
    flight::map::FlightMap,
    group::{
        function::Function,
        function_id::{FunctionId, function_name},
        per_function::PerFunction,
        single::Single,
    },
    key::show::Shown,
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

    pub(super) fn flights<K: Send + Sync + 'static, F>(
        &self,
        shown: Option<Shown>,
    ) -> &FlightMap<K> {
        self.flights_of(FunctionId::of::<F>(), type_name::<F>(), shown)
    }

    /// One code for all functions with one type of key.
    fn flights_of<K: Send + Sync + 'static>(
        &self,
        id: FunctionId,
        body: &'static str,
        shown: Option<Shown>,
    ) -> &FlightMap<K> {
        match self.groups.get(id) {
            Some(group) => group,
            None => self.first::<K>(id, body, shown),
        }
        .flights()
    }

    #[cold]
    fn first<K: Send + Sync + 'static>(
        &self,
        id: FunctionId,
        body: &'static str,
        shown: Option<Shown>,
    ) -> &Single {
        self.groups.find_or_init(id, &|| {
            let name = self.function.name.unwrap_or_else(|| function_name(body));
            Single::new::<K>(name, None, self.function.config, shown)
        })
    }
}
