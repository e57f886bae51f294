//! What tells a flight from all others of the process.

use crate::watch::census::Census;

/// Which flight, of all in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FlightId {
    /// The address of the `FlightMap` that it is in.
    pub(crate) flights: usize,
    pub(crate) hash: u64,
    pub(crate) ticket: u64,
}

/// The flights of a function, whatever its keys.
pub(crate) trait AnyFlights {
    fn name(&self) -> &'static str;

    /// Whether no later call joins the flight with this ticket, as far as is known here.
    fn is_displaced(&self, hash: u64, ticket: u64) -> bool;

    fn census(&self, census: &mut Census);
}
