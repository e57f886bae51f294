//! The values of limits: durations and numbers, checked where they are written as literals.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, Lit};

use crate::{
    error::Errors, mention::mentions, options::Options, setting::Setting, variable::Variable,
};

const UNITS: [(&str, u64); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// What a limit is set to.
pub(crate) enum Limit {
    Expression(Expr),
    Nanoseconds { count: u64, text: Span },
}

impl Limit {
    pub(crate) fn tokens(&self, options: &Options) -> TokenStream {
        match self {
            Self::Expression(expr) => expr.to_token_stream(),
            Self::Nanoseconds { count, text } => {
                let at = Span::mixed_site().located_at(*text);
                let private = options.private(at);
                quote_spanned!(at=> #private::core::time::Duration::from_nanos(#count))
            }
        }
    }
}

/// `"100ms"`, `"1.5s"`, or any expression of a `Duration`.
pub(crate) fn duration(setting: Setting<Expr>, errors: &mut Errors) -> Setting<Limit> {
    let Setting { name, value } = setting;
    let Expr::Lit(literal) = &value else {
        return expression(name, value);
    };
    match &literal.lit {
        Lit::Str(text) => match nanoseconds(&text.value()) {
            Ok(count) => {
                let text = text.span();
                let value = Limit::Nanoseconds { count, text };
                return Setting { name, value };
            }
            Err(wrong) => errors.refuse(text, wrong),
        },
        other => errors.refuse(
            other,
            format!(
                "`{name}` takes a duration with its unit: `{name} = \"100ms\"`, or a `Duration`"
            ),
        ),
    }
    expression(name, value)
}

fn expression(name: Ident, value: Expr) -> Setting<Limit> {
    let value = Limit::Expression(value);
    Setting { name, value }
}

/// A number, or any expression of a `usize`.
pub(crate) fn number(setting: Setting<Expr>, errors: &mut Errors) -> Setting<Limit> {
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
    expression(name, value)
}

/// Refuses the name of a configuration that is no expression of it.
pub(crate) fn check_config(config: &Expr, errors: &mut Errors) {
    const PRESETS: [&str; 4] = ["balanced", "high_throughput", "low_latency", "disabled"];
    let name = match config {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => return,
    };
    let preset = PRESETS
        .iter()
        .find(|preset| name.as_deref() == Some(preset));
    if matches!(config, Expr::Path(_)) && preset.is_none() {
        // A constant, perhaps.
        return;
    }
    let preset = preset.unwrap_or(&"balanced");
    errors.refuse(
        config,
        format!("`config` takes an expression; write `config = coalesced::Config::{preset}()`"),
    );
}

/// Refuses a limit that is another for each call: those of a function are set before the first.
pub(crate) fn check_constant(limit: &Expr, variables: &[Variable<'_>], errors: &mut Errors) {
    let mentioned = variables
        .iter()
        .find(|variable| mentions(limit.to_token_stream(), &variable.name));
    if let Some(Variable { name, .. }) = mentioned {
        errors.refuse(
            limit,
            format!(
                "limits are set before the first call, so they cannot come from `{name}`; write a constant, or \
                 give the calls an owner that has limits: `registry = self.calls`, made by \
                 `coalesced::Registry::new().with_config(..)`"
            ),
        );
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
            "" if text.is_empty() => "no duration; write one as `100ms` or `1.5s`".to_owned(),
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
