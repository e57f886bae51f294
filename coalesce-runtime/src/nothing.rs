//! The mark of implementations that are for no type.

/// Marks an implementation that is there only so that there are two to choose from, which has the compiler look
/// whether either holds before it goes on.
#[derive(Debug)]
pub enum Nothing {}
