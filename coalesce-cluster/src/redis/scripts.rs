//! The scripts, and their names on a server: it is asked once, and again after it has forgotten them.

use redis::{RedisResult, aio::MultiplexedConnection, cmd};

/// Each operation is one of these: one round trip, and nothing in between.
#[derive(Debug, Clone, Copy)]
pub(super) enum Script {
    Begin,
    Renew,
    End,
    Forget,
}

impl Script {
    const ALL: [Self; 4] = [Self::Begin, Self::Renew, Self::End, Self::Forget];

    fn text(self) -> &'static str {
        match self {
            Self::Begin => concat!(include_str!("tell.lua"), include_str!("begin.lua")),
            Self::Renew => include_str!("renew.lua"),
            Self::End => include_str!("end.lua"),
            Self::Forget => concat!(include_str!("tell.lua"), include_str!("forget.lua")),
        }
    }
}

/// What the server calls the scripts.
#[derive(Debug, Clone)]
pub(super) struct Scripts([String; 4]);

impl Scripts {
    pub(super) async fn load(connection: &mut MultiplexedConnection) -> RedisResult<Self> {
        let mut names: [String; 4] = Default::default();
        for (script, name) in Script::ALL.into_iter().zip(&mut names) {
            *name = cmd("SCRIPT")
                .arg("LOAD")
                .arg(script.text())
                .query_async(connection)
                .await?;
        }
        Ok(Self(names))
    }

    pub(super) fn name(&self, script: Script) -> &str {
        &self.0[script as usize]
    }
}
