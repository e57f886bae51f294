//! Why a response was not shared, told to those who watch: an event (feature `tracing`) the first time that it is so
//! for a key, and a counter by reason (feature `metrics`).

/// Why a response was not shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The request: its method, its body, or what it asks for.
    Request,
    /// The request: a header that may change the target or the method, and is not in the key.
    Override,
    /// The request: who sent it.
    Credentials,
    /// The layer was told to leave it alone.
    Bypass,
    /// The last response of this key was not shared.
    Remembered,
    /// The layer keeps as many bytes as it may.
    Budget,
    /// The group's limits, or it is disabled.
    Limits,
    /// The status is its client's.
    Status,
    /// The same, and the next one may be another.
    Refusal,
    SetCookie,
    /// It has no end to wait for.
    Endless,
    /// `Cache-Control` or its like forbids it.
    Forbidden,
    /// `Cache-Control` or its like can't be read.
    Malformed,
    /// It is out of date at once.
    Stale,
    /// Nothing says that it may be.
    Unmarked,
    /// It varies by what can't be in the key.
    Vary,
    /// It varies by what was not in the key.
    VaryLearnt,
    /// There is none: the service failed, those who waited for it as well, after they tried once more.
    Failed,
    /// There is none: the handler panicked.
    Panicked,
    /// There is none: the runtime of its fetch has shut down.
    Gone,
}

impl Reason {
    /// Whether the next response of the key will be like it.
    pub(crate) fn lasts(self) -> bool {
        self != Self::Refusal
    }

    #[cfg(any(feature = "metrics", feature = "tracing"))]
    fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Override => "override",
            Self::Credentials => "credentials",
            Self::Bypass => "bypass",
            Self::Remembered => "remembered",
            Self::Budget => "budget",
            Self::Limits => "limits",
            Self::Status => "status",
            Self::Refusal => "refusal",
            Self::SetCookie => "set-cookie",
            Self::Endless => "endless",
            Self::Forbidden => "forbidden",
            Self::Malformed => "malformed",
            Self::Stale => "stale",
            Self::Unmarked => "unmarked",
            Self::Vary => "vary",
            Self::VaryLearnt => "vary-learnt",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Gone => "gone",
        }
    }

    #[cfg(feature = "tracing")]
    fn text(self) -> &'static str {
        match self {
            Self::Status | Self::Refusal => "its status is one that is said to its client alone",
            Self::SetCookie => "it sets a cookie",
            Self::Endless => "it is a stream of events, which has no end",
            Self::Forbidden => "its `Cache-Control`, or the like, forbids it",
            Self::Malformed => "its `Cache-Control`, or the like, is malformed",
            Self::Stale => "it is out of date at once",
            Self::Unmarked => {
                "nothing says that anybody may have it: mark it `Cache-Control: public`, or tell the layer to \
                 `share_unmarked`"
            }
            Self::Vary => "it varies by what can't be in the key",
            Self::VaryLearnt => "it varies by headers that are in the key only from now on",
            _ => "its request was left alone",
        }
    }

    /// Counts it, for the group of this name.
    #[cfg(feature = "metrics")]
    pub(crate) fn count(self, group: &std::sync::Arc<str>) {
        let group = metrics::SharedString::from(group.clone());
        metrics::counter!("coalesced_not_shared_total", "function" => group, "reason" => self.name())
            .increment(1);
    }

    /// Says why, for a request with this path.
    #[cfg(feature = "tracing")]
    pub(crate) fn say(self, group: &str, path: &str) {
        let (reason, text) = (self.name(), self.text());
        tracing::debug!(
            target: "coalesced",
            function = group,
            path,
            reason,
            "a response is not shared: {text}"
        );
    }
}
