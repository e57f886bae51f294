//! Options that cannot stand beside each other, or on this function.

use crate::{
    error::Errors,
    limit::{self, Limit},
    options::Options,
    variable::Variable,
};

/// Refusals.
impl Options {
    /// Refuses limits that are other ones for each call.
    pub(crate) fn check_limits(&self, variables: &[Variable<'_>], errors: &mut Errors) {
        let config = self.config.iter().map(|config| &config.value);
        let limits = self.limits.iter().filter_map(|limit| match &limit.value {
            Limit::Expression(expr) => Some(expr),
            Limit::Nanoseconds { .. } => None,
        });
        for limit in config.chain(limits) {
            limit::check_constant(limit, variables, errors);
        }
    }

    /// Refuses options that say two things of one.
    pub(crate) fn clashes(&self, errors: &mut Errors) {
        let config = self.config.iter().map(|config| &config.name);
        for limit in config.chain(self.limits.iter().map(|limit| &limit.name)) {
            if self.group.is_some() {
                errors.refuse(
                    limit,
                    format!(
                        "`{limit}` clashes with `group`: a group of your own has limits of its own; \
                         use `Group::new().with_config(..)`"
                    ),
                );
            } else if self.config.is_some() && limit != "config" {
                errors.refuse(
                    limit,
                    format!(
                        "`{limit}` clashes with `config`, which has all limits; \
                         use `config = Config::balanced().{limit}(..)`"
                    ),
                );
            }
        }
        if let (Some(_), Some(skip)) = (&self.key, &self.skip) {
            errors.refuse(
                &skip.name,
                "`skip` clashes with `key`: what `key = ..` does not name is not in the key anyway; \
                 use one of them",
            );
        }
        if let (Some(_), Some(share)) = (&self.clone_err, &self.share) {
            errors.refuse(
                &share.name,
                "`share` clashes with `clone_err`: errors are not cloned where they are not shared; \
                 use one of them",
            );
        }
        if let (Some(_), Some(group)) = (&self.registry, &self.group) {
            errors.refuse(
                &group.name,
                "`group` clashes with `registry`, which has a group for each of its functions; \
                 use one of them",
            );
        }
        if let Some(cluster) = &self.cluster {
            let name = &cluster.name;
            for place in [&self.registry, &self.group].into_iter().flatten() {
                let way = match place.name == "group" {
                    true => "make the group by `Group::new().named(..).across(SHOP.across(..))`",
                    false => "make the registry by `Registry::new().across(SHOP.functions())`",
                };
                errors.refuse(
                    name,
                    format!(
                        "`cluster` clashes with `{}`, which goes across by itself; leave out `cluster`, and {way}",
                        place.name
                    ),
                );
            }
            if self.name.is_none() {
                errors.refuse(
                    name,
                    "`cluster` needs a name for the function, which is the same in all servers: `name = \"product\"`",
                );
            }
        }
        if let (Some(_), Some(name)) = (&self.group, &self.name) {
            errors.refuse(
                &name.name,
                "`name` clashes with `group`: a group of your own has a name of its own; \
                 use `Group::new().named(..)`",
            );
        }
    }
}
