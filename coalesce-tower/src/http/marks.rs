//! What a head says of who may have the response: found in one pass over its headers, since a look-up hashes a name,
//! and most of those that matter are not there.

use http::{HeaderMap, HeaderValue};

use super::{
    cache_control::{Directive, directives},
    reason::Reason,
};

#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) sets_cookie: bool,
    /// Whether the body is one of events, which each client is to have from when it came.
    pub(crate) is_endless: bool,
    pub(crate) cache_control: Control,
    pub(crate) cdn_cache_control: Control,
    pub(crate) surrogate_control: Control,
    pub(crate) has_age: bool,
    pub(crate) has_expires: bool,
    pub(crate) has_vary: bool,
    pub(crate) is_encoded: bool,
    /// Whether it is for pages of some origins.
    pub(crate) has_origin: bool,
}

/// What `Cache-Control`, or its like, says on all its lines.
#[derive(Debug, Default)]
pub(crate) struct Control {
    /// That nobody else may have it, or it can't be read.
    pub(crate) refusal: Option<Reason>,
    pub(crate) is_public: bool,
    /// The shortest of several.
    pub(crate) max_age: Option<u64>,
    pub(crate) s_maxage: Option<u64>,
}

impl Marks {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut marks = Self::default();
        for (name, value) in headers {
            marks.add(name.as_str(), value);
        }
        marks
    }

    fn add(&mut self, name: &str, value: &HeaderValue) {
        match name {
            "set-cookie" => self.sets_cookie = true,
            "content-type" => {
                self.is_endless |= starts(value, "text/event-stream")
                    || starts(value, "multipart/x-mixed-replace");
            }
            "x-accel-buffering" => self.is_endless |= starts(value, "no"),
            "cache-control" => self.cache_control.add(value),
            "cdn-cache-control" => self.cdn_cache_control.add(value),
            "surrogate-control" => self.surrogate_control.add(value),
            "age" => self.has_age = true,
            "expires" => self.has_expires = true,
            "vary" => self.has_vary = true,
            "content-encoding" => {
                let encoding = value.as_bytes().trim_ascii();
                self.is_encoded |= !encoding.eq_ignore_ascii_case(b"identity");
            }
            "access-control-allow-origin" => self.has_origin |= value != "*",
            _ => {}
        }
    }
}

fn starts(value: &HeaderValue, prefix: &str) -> bool {
    let start = value.as_bytes().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

impl Control {
    fn add(&mut self, line: &HeaderValue) {
        for directive in directives(line) {
            if self.refusal.is_some() {
                return;
            }
            let read = directive.map_err(|_| Reason::Malformed);
            self.refusal = read.and_then(|it| self.hear(&it)).err();
        }
    }

    fn hear(&mut self, directive: &Directive<'_>) -> Result<(), Reason> {
        // Also where it names fields: those can't be taken out of what is shared.
        let forbidding = ["private", "no-store", "no-cache"];
        if forbidding.iter().any(|name| directive.is(name)) {
            return Err(Reason::Forbidden);
        }
        if directive.is("public") {
            self.is_public |= directive.value.is_none();
        } else if directive.is("max-age") {
            lower(&mut self.max_age, directive)?;
        } else if directive.is("s-maxage") {
            lower(&mut self.s_maxage, directive)?;
        }
        Ok(())
    }
}

fn lower(lifetime: &mut Option<u64>, directive: &Directive<'_>) -> Result<(), Reason> {
    let seconds = directive.seconds().ok_or(Reason::Malformed)?;
    *lifetime = Some(lifetime.map_or(seconds, |shortest| seconds.min(shortest)));
    Ok(())
}
