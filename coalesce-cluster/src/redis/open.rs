//! How a connection is made: both of its halves, and the certainty that the server can do what is asked of it.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, RedisResult, Value,
    aio::{MultiplexedConnection, PubSubStream},
    cmd, from_redis_value,
};

use super::{
    operation::{Names, Operation},
    scripts::Scripts,
    trouble::Trouble,
};
use crate::engine::{Begin, Digest, End, How, Token, random_number};

/// The oldest version that will do.
const OLDEST: (u64, u64) = (6, 2);

/// A connection that was made.
pub(super) struct Open {
    pub(super) writer: MultiplexedConnection,
    pub(super) scripts: Scripts,
    pub(super) inbox: PubSubStream,
}

/// Connects; the inbox is open before anything is asked.
pub(super) async fn open(client: Client, names: Names) -> Result<Open, Trouble> {
    #[cfg(feature = "redis-tls")]
    super::cryptography::provide();
    let mut writer = connect(&client).await?;
    let hello = cmd("HELLO").query_async(&mut writer).await;
    fit(&hello.map_err(unknown)?)?;
    let (mut sink, inbox) = client.get_async_pubsub().await?.split();
    sink.subscribe(&names.inbox).await?;
    let scripts = Scripts::load(&mut writer).await?;
    rehearse(&mut writer, &names, &scripts).await?;
    Ok(Open {
        writer,
        scripts,
        inbox,
    })
}

/// A connection on which an answer may take as long as it likes: the member decides how long it waits.
pub(super) async fn connect(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_response_timeout(None)
        .set_connection_timeout(None);
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    // For who looks at the list of clients; not important.
    let _: RedisResult<()> = cmd("CLIENT")
        .arg("SETNAME")
        .arg("coalesced")
        .query_async(&mut connection)
        .await;
    Ok(connection)
}

/// Runs each operation on a key that nobody has: what the user may not do, or the server can't, comes out now.
async fn rehearse(
    writer: &mut MultiplexedConnection,
    names: &Names,
    scripts: &Scripts,
) -> Result<(), Trouble> {
    let random = u128::from(random_number());
    let (key, lease) = (Digest(random), Duration::from_secs(1));
    let [first, second, third] = [1, 2, 3].map(|number| Token(random << 64 | number));
    let begin = |token, awaited, fresh| {
        Operation::Begin(Begin {
            key,
            token,
            awaited,
            fresh,
            lease,
        })
    };
    let (token, how, unsure) = (first, How::Nothing, false);
    let operations = [
        begin(first, None, false),
        begin(second, Some(third), false),
        begin(third, None, true),
        Operation::Renew(key, third, lease),
        Operation::Forget(key),
        Operation::End(End {
            key,
            token,
            how,
            unsure,
            lease,
        }),
        Operation::Fetch(key, first),
        Operation::Beat(0),
    ];
    let mut reply = Value::Nil;
    for operation in operations {
        reply = operation
            .command(names, scripts)
            .query_async(writer)
            .await?;
    }
    // How many have got the heartbeat: a subscription that was refused looks like any other.
    match reply {
        Value::Int(0) => Err(Trouble::Refused(
            "the user lacks a right: `subscribe`, or its channels".into(),
        )),
        _ => Ok(()),
    }
}

/// A server that does not know `HELLO` is older than 6.
fn unknown(error: redis::RedisError) -> Trouble {
    match error.to_string().to_lowercase().contains("unknown command") {
        true => Trouble::Refused("it is too old: a Redis from 6.2, or a Valkey, is needed".into()),
        false => error.into(),
    }
}

/// Whether it is a server that can be used.
fn fit(hello: &Value) -> Result<(), Trouble> {
    let fields: Vec<(String, Value)> = pairs(hello);
    let field = |name| {
        fields
            .iter()
            .find(|(field, _)| field == name)
            .and_then(|(_, value)| text(value))
    };
    let (version, mode) = (
        field("version").unwrap_or_default(),
        field("mode").unwrap_or_default(),
    );
    if mode == "cluster" {
        return Err(Trouble::Refused(
            "a Redis Cluster can't be used; a single server, or one behind Sentinel, can".into(),
        ));
    }
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        return Err(Trouble::Refused(format!(
            "it is too old: version {version}; a Redis from 6.2, or a Valkey, is needed"
        )));
    }
    Ok(())
}

/// The fields of a reply that is a map, or with RESP2 a list.
fn pairs(reply: &Value) -> Vec<(String, Value)> {
    match reply {
        Value::Map(pairs) => {
            let named = |(name, value): &(Value, Value)| Some((text(name)?, value.clone()));
            pairs.iter().filter_map(named).collect()
        }
        Value::Array(list) => {
            let named = |pair: &[Value]| Some((text(&pair[0])?, pair[1].clone()));
            list.chunks_exact(2).filter_map(named).collect()
        }
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    from_redis_value(value.clone()).ok()
}
