//! Numbers as text, for people to read.

/// Three digits or more, but of a hundredth two, and thousands apart.
pub(crate) fn short(number: f64) -> String {
    let decimals = match number.abs() {
        0.0 => 0,
        tiny if tiny < 0.0995 => 3,
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
    fn numbers_are_as_long_as_they_mean_something() {
        let texts: Vec<_> = [0.0, 0.0156, 0.25, 1.0, 9.999, 61.26, 350.4, 14_273.0]
            .map(short)
            .into();
        assert_eq!(
            texts,
            ["0", "0.016", "0.25", "1", "10", "61.3", "350", "14,273"]
        );
    }
}
