//! What is shown of what was measured: Markdown, and charts.

mod budget;
mod chart;
mod sheet;
mod svg;
mod table;

pub(crate) use budget::{Bound, Budget};
pub(crate) use chart::{Chart, Kind};
pub(crate) use sheet::Sheet;
pub(crate) use table::{Column, Show};
