//! Who shares with whom.

/// How many bodies run when these calls overlap, each of which passes the gate.
macro_rules! bodies {
    ($gate:ident => $($call:expr),+ $(,)?) => {{
        // For ever, so that closures may make the calls.
        let $gate: &'static $crate::support::Gate =
            Box::leak(Box::new($crate::support::Gate::closed()));
        let mut calls: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + '_>>> =
            vec![$(Box::pin($call)),+];
        let mut calls: Vec<_> = calls.iter_mut().map(|call| tokio_test::task::spawn(call.as_mut())).collect();
        for call in &mut calls {
            tokio_test::assert_pending!(call.poll());
        }
        $gate.open();
        for call in &mut calls {
            tokio_test::assert_ready!(call.poll());
        }
        $gate.bodies_started()
    }};
}

pub(crate) use bodies;
