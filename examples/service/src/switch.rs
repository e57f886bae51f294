//! The kill switch: coalescing off and on, in the running service.

#[derive(Debug)]
pub(crate) struct Switch;

impl Switch {
    pub(crate) fn is_on(&self) -> bool {
        coalesced::is_enabled()
    }

    /// For the calls that start from now on; those that wait for a flight still get its value.
    pub(crate) fn set(&self, on: bool) {
        coalesced::set_enabled(on);
        tracing::info!("coalescing is {}", if on { "on" } else { "off" });
    }
}
