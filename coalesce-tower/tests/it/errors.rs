//! Errors: those that are `Clone`, Tower's `BoxError`, others, and those that are not shared.

use crate::support::{Scene, by_id};
use coalesced::{
    Group,
    tower::{CoalesceLayer, SharedError},
};
use std::{io, sync::Arc, time::Duration};
use tokio_test::{assert_ready, task};
use tower::{BoxError, Layer, Service, ServiceBuilder, service_fn};

/// Not `Clone`.
#[derive(Debug, PartialEq)]
struct Fault(String);

#[test]
fn an_error_that_is_clone_is_shared_as_it_is() {
    let mut scene = Scene::answering(by_id(), |_: u64| Err::<u64, _>("down".to_owned()));
    let mut requests = scene.pending([7, 7]);
    scene.gate.open();
    for request in &mut requests {
        assert_eq!(assert_ready!(request.poll()), Err("down".to_owned()));
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[test]
fn an_error_is_copied_as_its_type_says() {
    let mut scene = Scene::answering(by_id(), |_: u64| {
        Err::<u64, _>(io::Error::new(io::ErrorKind::NotFound, std::fmt::Error))
    });
    let mut requests = scene.pending([7; 3]);
    scene.gate.open();
    let errors = requests
        .each_mut()
        .map(|request| assert_ready!(request.poll()).unwrap_err());
    assert_eq!(scene.gate.bodies_started(), 1);
    for error in &errors {
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
    let originals = errors.iter().filter_map(io::Error::get_ref);
    let originals = originals.filter(|inner| inner.is::<std::fmt::Error>());
    assert_eq!(originals.count(), 1, "the others have copies");
}

#[test]
fn a_box_error_is_shared_with_the_original_as_its_source() {
    let mut scene = Scene::answering(by_id(), |_: u64| {
        Err::<u64, BoxError>(io::Error::new(io::ErrorKind::NotFound, "no such user").into())
    });
    let mut requests = scene.pending([7, 7]);
    scene.gate.open();
    for request in &mut requests {
        let error = assert_ready!(request.poll()).unwrap_err();
        assert_eq!(error.to_string(), "no such user");
        let source = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::NotFound);
        let shared = error.downcast_ref::<SharedError>().unwrap();
        assert!(shared.original().is::<io::Error>());
    }
    assert_eq!(scene.gate.bodies_started(), 1);

    // One that nobody shares is found in the same place.
    let error = assert_ready!(scene.call(8).poll()).unwrap_err();
    assert!(
        error
            .downcast::<SharedError>()
            .unwrap()
            .original()
            .is::<io::Error>()
    );
}

#[test]
fn a_shared_error_is_not_wrapped_again() {
    let inner = CoalesceLayer::new(|id: &u64| *id).layer(service_fn(async |_: u64| {
        Err::<u64, BoxError>("down".into())
    }));
    let mut service = CoalesceLayer::new(|id: &u64| *id).layer(inner);
    let error = assert_ready!(task::spawn(service.call(7)).poll()).unwrap_err();
    let shared = error.downcast_ref::<SharedError>().unwrap();
    assert!(!shared.original().is::<SharedError>());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_inside_is_shared() {
    let mut service = ServiceBuilder::new()
        .layer(CoalesceLayer::new(|id: &u64| *id))
        .buffer(10)
        .timeout(Duration::from_secs(1))
        .service_fn(async |_: u64| {
            std::future::pending::<()>().await;
            Ok::<_, BoxError>(())
        });
    let (one, other) = tokio::join!(service.call(7), service.call(7));
    for error in [one.unwrap_err(), other.unwrap_err()] {
        let shared = error.downcast_ref::<SharedError>().unwrap();
        assert!(shared.original().is::<tower::timeout::error::Elapsed>());
    }
}

#[test]
fn an_error_of_any_type_is_shared_as_a_function_clones_it() {
    let prefix = "waited for: ".to_owned();
    let layer = CoalesceLayer::new(|id: &u64| *id)
        .clone_err(move |Fault(text): &Fault| Fault(format!("{prefix}{text}")));
    let mut scene = Scene::answering(layer, |_: u64| Err::<u64, _>(Fault("down".to_owned())));
    let mut requests = scene.pending([7; 3]);
    scene.gate.open();
    let mut errors: Vec<_> = requests
        .iter_mut()
        .map(|request| assert_ready!(request.poll()).unwrap_err().0)
        .collect();
    errors.sort();
    assert!(errors.contains(&"waited for: down".to_owned()));
    let mut alone = scene.call(8);
    assert_eq!(
        assert_ready!(alone.poll()),
        Err(Fault("down".to_owned())),
        "one that nobody shares is itself"
    );
}

#[test]
fn with_share_ok_an_error_is_its_own_requests() {
    let mut scene = Scene::answering(by_id().share_ok(), |_: u64| {
        Err::<u64, _>(Fault("down".to_owned()))
    });
    let mut requests = scene.pending([7; 5]);
    scene.gate.open();
    for _ in 0..5 {
        for request in &mut requests {
            if request.is_woken() {
                let _ = request.poll();
            }
        }
    }
    assert_eq!(scene.gate.bodies_started(), 5);
    assert_eq!(scene.service.group().in_flight(), 0);
}

#[test]
fn with_share_ok_a_success_is_shared() {
    let group = Group::<u64, u64>::new();
    let mut scene = Scene::answering(by_id().group(&group).share_ok(), |id: u64| {
        Ok::<_, Fault>(id)
    });
    let mut requests = scene.pending([7, 7]);
    scene.gate.open();
    for request in &mut requests {
        assert_eq!(assert_ready!(request.poll()), Ok(7));
    }
    assert_eq!(scene.gate.bodies_started(), 1);
}

#[test]
fn the_value_of_a_group_is_a_result_with_the_error_as_it_is_shared() {
    let boxed = Group::<u64, Result<u64, SharedError>>::new();
    let inner = service_fn(async |id: u64| Ok::<_, BoxError>(id));
    let _ = CoalesceLayer::new(|id: &u64| *id)
        .group(&boxed)
        .layer(inner);

    let by_function = Group::<u64, Result<u64, Arc<io::Error>>>::new();
    let inner = service_fn(async |id: u64| Ok::<_, io::Error>(id));
    let _ = CoalesceLayer::new(|id: &u64| *id)
        .group(&by_function)
        .clone_err(|error: &io::Error| error.kind().into())
        .layer(inner);
}
