//! What is shown of what was measured: Markdown, and charts.

mod budget;
mod chart;
mod column;
mod sheet;
mod svg;
mod table;

pub(crate) use budget::{Bound, Budget};
pub(crate) use chart::{Chart, Kind};
pub(crate) use column::{Column, Show};
pub(crate) use sheet::Sheet;
