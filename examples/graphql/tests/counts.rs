//! How many gRPC calls and connections it takes, and who is told what.

use std::sync::Arc;

use async_graphql::value;
use futures::future::join;
use graphql_example::{
    ADMIN, Backend, Gateway, GetUserRequest, Outage, Sharing, THREE_FIELDS, backend_down,
    three_fields,
};
use tonic::{Code, Request};

const SHARED: [Sharing; 2] = [Sharing::Resolver, Sharing::Channel];
const USER_3: &str = r#"{ getUser(id: "3") {name} }"#;

async fn start(opens_at: usize, sharing: Sharing) -> (Arc<Backend>, Gateway) {
    let (backend, address) = Backend::start(opens_at).await.unwrap();
    (backend, Gateway::new(address, sharing))
}

/// Whom the calls were for, sorted.
async fn calls_of_three_fields(sharing: Sharing) -> Vec<String> {
    let round = three_fields(sharing).await.unwrap();
    let expected = value!({
        "user1": {"name": "Ada"}, "user2": {"name": "Grace"}, "user3": {"name": "Ada"},
    });
    assert_eq!(round.answer, expected);
    let mut ids: Vec<_> = round.calls.into_iter().map(|call| call.id).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn three_fields_are_three_calls_without_sharing() {
    assert_eq!(
        calls_of_three_fields(Sharing::Nowhere).await,
        ["1", "1", "2"]
    );
}

#[tokio::test]
async fn three_fields_of_two_users_are_two_calls() {
    for sharing in SHARED {
        assert_eq!(
            calls_of_three_fields(sharing).await,
            ["1", "2"],
            "{sharing:?}"
        );
    }
}

#[tokio::test]
async fn a_later_query_makes_calls_of_its_own() {
    for sharing in SHARED {
        let (backend, gateway) = start(2, sharing).await;
        for _ in 0..2 {
            assert!(gateway.query(None, THREE_FIELDS).await.is_ok());
        }
        assert_eq!(backend.calls().len(), 4, "{sharing:?}");
    }
}

/// With one call for both, the visitor would see what only the admin may.
#[tokio::test]
async fn callers_with_different_tokens_never_share() {
    for sharing in SHARED {
        let (backend, gateway) = start(1, sharing).await;
        let visitor = gateway.query(Some("visitor"), USER_3);
        let (admin, visitor) = join(gateway.query(Some(ADMIN), USER_3), visitor).await;
        assert!(
            admin.data.to_string().contains("Alan"),
            "{sharing:?}: {admin:?}"
        );
        let [error] = &visitor.errors[..] else {
            panic!("{sharing:?}: {visitor:?}");
        };
        assert!(error.message.contains("not for everybody"), "{error:?}");
        assert_eq!(backend.calls().len(), 2, "{sharing:?}");
    }
}

#[tokio::test]
async fn callers_with_the_same_token_share() {
    for sharing in SHARED {
        let (backend, gateway) = start(1, sharing).await;
        let one = gateway.query(Some(ADMIN), USER_3);
        let (one, other) = join(one, gateway.query(Some(ADMIN), USER_3)).await;
        assert!(
            one.data.to_string().contains("Alan"),
            "{sharing:?}: {one:?}"
        );
        assert_eq!(one.data, other.data, "{sharing:?}");
        assert_eq!(backend.calls().len(), 1, "{sharing:?}");
    }
}

/// Where there is no message, the status is in the head of the response, and not in its trailers.
#[tokio::test]
async fn an_error_of_the_backend_is_shared() {
    for sharing in SHARED {
        let (backend, gateway) = start(1, sharing).await;
        let query = r#"{ a: getUser(id: "9") {name} b: getUser(id: "9") {name} }"#;
        let answer = gateway.query(None, query).await;
        assert!(
            answer.errors[0].message.contains("no user 9"),
            "{sharing:?}: {answer:?}"
        );
        assert_eq!(backend.calls().len(), 1, "{sharing:?}");
    }
}

#[tokio::test]
async fn the_channel_leaves_calls_with_unknown_metadata_alone() {
    let (backend, gateway) = start(1, Sharing::Channel).await;
    let call = |name: &'static str| {
        let mut request = Request::new(GetUserRequest { id: "1".into() });
        request.metadata_mut().insert(name, "7".parse().unwrap());
        gateway.users().send(request)
    };
    let (one, other) = join(call("x-tenant"), call("x-tenant")).await;
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(backend.calls().len(), 2);
    assert_eq!(gateway.channel().alone, 2);

    let (one, other) = join(call("traceparent"), call("traceparent")).await;
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(backend.calls().len(), 3);
}

#[tokio::test]
async fn the_channel_gives_each_caller_the_status() {
    let (backend, gateway) = start(1, Sharing::Channel).await;
    let users = gateway.users();
    let (one, other) = join(users.get_user(None, "9"), users.get_user(None, "9")).await;
    for status in [one.unwrap_err(), other.unwrap_err()] {
        assert_eq!(
            (status.code(), status.message()),
            (Code::NotFound, "there is no user 9")
        );
    }
    assert_eq!(backend.calls().len(), 1);
}

#[tokio::test]
async fn while_the_backend_is_down_a_herd_is_one_call_that_fails_for_all() {
    for outage in [Outage::Refused, Outage::Silent] {
        for sharing in SHARED {
            let round = backend_down(outage, sharing, 100).await.unwrap();
            assert_eq!(
                (round.calls, round.attempts),
                (1, 1),
                "{outage:?}, {sharing:?}"
            );
            assert_eq!(round.errors.len(), 100);
            assert!(!round.errors[0].is_empty());
            assert!(
                round.errors.iter().all(|error| *error == round.errors[0]),
                "{round:?}"
            );
        }
    }
}

#[tokio::test]
async fn while_the_backend_is_down_each_call_of_its_own_is_a_connection() {
    let round = backend_down(Outage::Refused, Sharing::Nowhere, 100)
        .await
        .unwrap();
    assert_eq!(round.attempts, 100);
    assert!(
        round.errors.iter().all(|error| !error.is_empty()),
        "{round:?}"
    );
}
