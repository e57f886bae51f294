//! Medians and quartiles.

use std::fmt;

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

/// Three digits or more, and thousands apart.
pub(crate) fn short(number: f64) -> String {
    let decimals = match number.abs() {
        0.0 => 0,
        small if small < 9.995 => 2,
        medium if medium < 99.95 => 1,
        _ => 0,
    };
    let text = format!("{number:.decimals$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    grouped(whole) + fraction
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
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

    #[test]
    fn numbers_are_as_long_as_they_mean_something() {
        let texts: Vec<_> = [0.0, 0.25, 1.0, 9.999, 61.26, 350.4, 14_273.0]
            .map(short)
            .into();
        assert_eq!(texts, ["0", "0.25", "1", "10", "61.3", "350", "14,273"]);
    }
}
