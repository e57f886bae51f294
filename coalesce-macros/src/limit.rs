//! The values of limits: durations and numbers, checked where they are written as literals.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Lit};

use crate::{error::Errors, setting::Setting};

const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// `"100ms"`, `"1.5s"`, or any expression of a `Duration`.
pub(crate) fn duration(setting: Setting<Expr>, errors: &mut Errors) -> Setting<TokenStream> {
    let Setting { name, value } = setting;
    let tokens = match &value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => match nanoseconds(&text.value()) {
                Ok(nanoseconds) => {
                    quote_spanned!(text.span()=> ::core::time::Duration::from_nanos(#nanoseconds))
                }
                Err(wrong) => {
                    errors.refuse(text, wrong);
                    quote!()
                }
            },
            other => {
                errors.refuse(
                    other,
                    format!("`{name}` takes a duration with its unit: `{name} = \"100ms\"`, or a `Duration`"),
                );
                quote!()
            }
        },
        _ => value.to_token_stream(),
    };
    Setting {
        name,
        value: tokens,
    }
}

/// A number, or any expression of a `usize`.
pub(crate) fn number(setting: Setting<Expr>, errors: &mut Errors) -> Setting<TokenStream> {
    let Setting { name, value } = setting;
    if let Expr::Lit(literal) = &value {
        match &literal.lit {
            Lit::Int(number) if number.base10_digits() == "0" => errors.refuse(
                number,
                format!("`{name}` is zero; use `config = Config::disabled()` to share nothing"),
            ),
            Lit::Int(_) => {}
            other => errors.refuse(other, format!("`{name}` takes a number: `{name} = 100`")),
        }
    }
    Setting {
        name,
        value: value.to_token_stream(),
    }
}

fn nanoseconds(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '.' && char != '_');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim();
    let Some((_, factor)) = UNITS.iter().find(|(name, _)| *name == unit) else {
        let units = UNITS.map(|(name, _)| format!("`{name}`")).join(", ");
        return Err(match unit {
            "" => format!("`{text}` has no unit; add one of {units}"),
            _ => format!("`{unit}` is no unit of time; use one of {units}"),
        });
    };
    let digits = number.replace('_', "");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let not_a_number = || format!("`{number}` is no number; write a duration as `100ms` or `1.5s`");
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return Err(not_a_number());
    }
    let parse = |digits: &str| match digits {
        "" => Ok(0),
        _ => digits
            .parse::<u64>()
            .map_err(|_| format!("`{text}` is too long; the most is 584 years")),
    };
    let mut nanoseconds = parse(whole)?.checked_mul(*factor);
    let mut place = *factor;
    for digit in fraction.bytes() {
        place /= 10;
        nanoseconds = nanoseconds.and_then(|sum| sum.checked_add(u64::from(digit - b'0') * place));
    }
    match nanoseconds {
        None => Err(format!("`{text}` is too long; the most is 584 years")),
        Some(0) => Err(format!(
            "`{text}` is no time at all; use `config = Config::disabled()` to share nothing"
        )),
        Some(nanoseconds) => Ok(nanoseconds),
    }
}
