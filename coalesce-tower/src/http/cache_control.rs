//! `Cache-Control` and its like, read strictly: a list of directives, each a token, or a token `=` a token or a
//! quoted string (RFC 9111 section 5.2, RFC 9110 section 5.6). What is anything else is malformed, all of it.

use std::borrow::Cow;

use http::HeaderValue;

/// Which bytes a token is of.
const TOKEN: [bool; 256] = {
    let mut token = [false; 256];
    let mut byte = 0;
    while byte < 128_u8 {
        let is_mark = matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        token[byte as usize] = byte.is_ascii_alphanumeric() || is_mark;
        byte += 1;
    }
    token
};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Directive<'h> {
    pub(crate) name: &'h [u8],
    /// What follows the `=`, without quotes and escapes.
    pub(crate) value: Option<Cow<'h, [u8]>>,
}

/// The header is not what the grammar says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The directives of one line of a header.
pub(crate) fn directives(
    line: &HeaderValue,
) -> impl Iterator<Item = Result<Directive<'_>, Malformed>> {
    let rest = line.as_bytes();
    Directives { rest }
}

struct Directives<'h> {
    rest: &'h [u8],
}

impl<'h> Iterator for Directives<'h> {
    type Item = Result<Directive<'h>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        // Elements may be empty.
        while let [b',' | b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        let directive = self.directive();
        if directive.is_none() {
            self.rest = &[];
        }
        Some(directive.ok_or(Malformed))
    }
}

impl<'h> Directives<'h> {
    fn directive(&mut self) -> Option<Directive<'h>> {
        let name = self.token()?;
        let value = match self.rest {
            [b'=', b'"', rest @ ..] => {
                self.rest = rest;
                Some(self.quoted()?)
            }
            [b'=', rest @ ..] => {
                self.rest = rest;
                Some(Cow::Borrowed(self.token()?))
            }
            _ => None,
        };
        while let [b' ' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
        matches!(self.rest, [] | [b',', ..]).then_some(Directive { name, value })
    }

    fn token(&mut self) -> Option<&'h [u8]> {
        let end = self.rest.iter().position(|byte| !TOKEN[usize::from(*byte)]);
        let (token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!token.is_empty()).then_some(token)
    }

    /// What follows an opening quote.
    fn quoted(&mut self) -> Option<Cow<'h, [u8]>> {
        let text = self.rest;
        let is_text = |byte: u8| matches!(byte, b'\t' | b' '..=b'~' | 0x80..);
        let mut unescaped = None::<Vec<u8>>;
        let mut at = 0;
        loop {
            let byte = *text.get(at)?;
            match byte {
                b'"' => break,
                b'\\' => {
                    let escaped = *text.get(at + 1)?;
                    if !is_text(escaped) {
                        return None;
                    }
                    unescaped
                        .get_or_insert_with(|| text[..at].to_vec())
                        .push(escaped);
                    at += 2;
                }
                _ if is_text(byte) => {
                    if let Some(unescaped) = &mut unescaped {
                        unescaped.push(byte);
                    }
                    at += 1;
                }
                _ => return None,
            }
        }
        self.rest = &text[at + 1..];
        Some(unescaped.map_or(Cow::Borrowed(&text[..at]), Cow::Owned))
    }
}

impl Directive<'_> {
    #[inline]
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// A number of seconds; more than fit are as many as fit.
    pub(crate) fn seconds(&self) -> Option<u64> {
        seconds(self.value.as_deref()?)
    }
}

/// The same, written out.
pub(crate) fn seconds(digits: &[u8]) -> Option<u64> {
    let digit = |seconds: u64, digit: &u8| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        Some(seconds.saturating_mul(10).saturating_add(digit))
    };
    let first = digits.first().map(|_| 0)?;
    digits.iter().try_fold(first, digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Vec<(String, Option<String>)>, Malformed> {
        let own = |bytes: Cow<'_, [u8]>| String::from_utf8(bytes.into_owned()).unwrap();
        let directives = Directives {
            rest: value.as_bytes(),
        };
        directives
            .map(|it| it.map(|it| (own(it.name.into()), it.value.map(own))))
            .collect()
    }

    #[test]
    fn what_the_grammar_allows() {
        let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        for (value, expected) in [
            ("", vec![]),
            (" , ,\t", vec![]),
            ("public", vec![pair("public", None)]),
            (
                ",public ,, max-age=60\t",
                vec![pair("public", None), pair("max-age", Some("60"))],
            ),
            (
                r#"a="b, c",d"#,
                vec![pair("a", Some("b, c")), pair("d", None)],
            ),
            (r#"a="\"\\b""#, vec![pair("a", Some(r#""\b"#))]),
            (r#"a="""#, vec![pair("a", Some(""))]),
        ] {
            assert_eq!(read(value), Ok(expected), "{value}");
        }
    }

    #[test]
    fn what_it_does_not() {
        for value in [
            "a=",
            "a = b",
            "a b",
            "=a",
            "a=\"b",
            "a=\"b\"c",
            "a=\"b\\",
            "a=\"b\\\"",
            "a=b=c",
            "a;b",
            "\"a\"",
            "private\u{a0}",
            "a, b c, d",
        ] {
            assert_eq!(read(value), Err(Malformed), "{value}");
        }
    }

    #[test]
    fn tokens_are_what_rfc_9110_says() {
        let marks = b"!#$%&'*+-.^_`|~";
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_alphanumeric() || marks.contains(&byte);
            assert_eq!(TOKEN[usize::from(byte)], expected, "{byte}");
        }
    }

    #[test]
    fn seconds_are_digits() {
        for (value, expected) in [
            ("0", Some(0)),
            ("060", Some(60)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("+1", None),
        ] {
            assert_eq!(seconds(value.as_bytes()), expected, "{value}");
        }
    }
}
