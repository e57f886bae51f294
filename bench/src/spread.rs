//! Medians and quartiles.

use std::fmt;

use crate::number::short;

/// The middle of some readings, and how far they spread: the middle half lies between the quartiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| {
            let place = part * (values.len() - 1) as f64;
            let (below, above) = (
                values[place.floor() as usize],
                values[place.ceil() as usize],
            );
            below + (above - below) * place.fract()
        };
        (!values.is_empty()).then(|| Self {
            lower: at(0.25),
            median: at(0.5),
            upper: at(0.75),
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, median, upper) = (short(self.lower), short(self.median), short(self.upper));
        if lower == upper {
            f.write_str(&median)
        } else {
            write!(f, "{median} ({lower}–{upper})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_the_readings_next_to_them() {
        let spread = Spread::of(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!(
            (spread.lower, spread.median, spread.upper),
            (1.75, 2.5, 3.25)
        );
        assert_eq!(Spread::of(vec![7.0]).unwrap().to_string(), "7");
        assert_eq!(Spread::of(vec![]), None);
    }
}
