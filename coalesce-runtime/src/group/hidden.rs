//! The hidden registry of one annotated function.

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
        let group = self.groups.get_or_init(FunctionId::of::<F>(), &|| {
            let name = self.function.name.unwrap_or_else(function_name::<F>);
            Single::new::<K>(name, None, self.function.config, shown)
        });
        group.flights()
    }
}
