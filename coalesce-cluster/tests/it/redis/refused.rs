//! A server that is no use is said to be, once, in words; and calls go on.

use std::{io::Write, net::TcpListener, thread, time::Duration};

use coalesce_cluster::{Cluster, ConnectError, Redis};
use coalesce_runtime::private::across::Verdict::{Given, Run};

use super::{says, server::Server};
use crate::support::Process;

/// The process says this about the server, and calls go on.
async fn refuses(process: Process, what: &str) {
    says(process, "Refused").await;
    says(process, what).await;
    assert_eq!(process.call(7).verdict().await, Run);
}

#[tokio::test]
async fn a_wrong_password() {
    let server = Server::start();
    server.run("ACL SETUSER app on >right ~cz:* &cz:in:* +@all");
    let url = format!("redis://app:wrong@127.0.0.1:{}", server.port);
    let process = Process::started(Cluster::new("shop"), &Redis::at(&url).unwrap());
    refuses(process, "password is wrong").await;
    assert!(!format!("{process:?} {:?}", process.cluster.health()).contains("wrong@"));
}

#[tokio::test]
async fn the_least_rights_are_enough() {
    let server = Server::start();
    server.run(&format!("ACL SETUSER app on >right {RIGHTS}"));
    let url = format!("redis://app:right@127.0.0.1:{}", server.port);
    let place = Redis::at(&url).unwrap();
    let one = Process::at(&place).await;
    let other = Process::at(&place).await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.call(7);
    super::waits(&server, &mut waiter, 1).await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

const RIGHTS: &str = "~cz:* &cz:in:* -@all +evalsha +script|load +get +set +del +exists +sadd +smembers +sismember \
    +pexpire +pttl +publish +subscribe +ping +hello +client|setname";

#[tokio::test]
async fn a_missing_right() {
    let server = Server::start();
    for missing in [
        "+sadd",
        "+evalsha",
        "+subscribe",
        "+publish",
        "&cz:in:*",
        "~cz:*",
        "+script|load",
    ] {
        let rights = RIGHTS.replace(missing, "");
        server.run(&format!(
            "ACL SETUSER app reset on >right resetchannels {rights}"
        ));
        let url = format!("redis://app:right@127.0.0.1:{}", server.port);
        let process = Process::started(Cluster::new("shop"), &Redis::at(&url).unwrap());
        println!("{missing}");
        refuses(process, "the user lacks a right").await;
    }
}

#[tokio::test]
async fn a_redis_cluster() {
    let server = Server::with(&["--cluster-enabled", "yes"]);
    let process = Process::started(Cluster::new("shop"), &server.place());
    refuses(process, "Redis Cluster").await;
}

#[tokio::test]
async fn a_server_that_is_too_old() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        // As Redis 5 does, to whatever is asked.
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut buffer = [0; 512];
                while std::io::Read::read(&mut stream, &mut buffer).is_ok_and(|bytes| bytes > 0) {
                    if stream
                        .write_all(b"-ERR unknown command\r\n-ERR unknown command\r\n")
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    let place = Redis::at(&format!("redis://127.0.0.1:{port}")).unwrap();
    let process = Process::started(Cluster::new("shop"), &place);
    refuses(process, "too old").await;
}

#[test]
fn what_is_wrong_in_the_program_is_an_error_in_words() {
    let said = |url| Redis::at(url).unwrap_err().to_string();
    for url in ["", "10.0.0.5", "http://10.0.0.5", "redis://"] {
        assert!(
            said(url).starts_with("no URL of a Redis: "),
            "{}",
            said(url)
        );
    }
    let at = |url: &str| Redis::at(url).unwrap();
    let here = at("redis://127.0.0.1:1");
    let failed = |cluster: Cluster, place| cluster.connect(place).unwrap_err();
    assert!(matches!(
        failed(Cluster::new(""), here.clone()),
        ConnectError::Name("the cluster", 0)
    ));
    assert!(matches!(
        failed(Cluster::new("shop"), here.clone().namespace("")),
        ConnectError::Name(_, 0)
    ));
    let long = "n".repeat(201);
    assert!(matches!(
        failed(Cluster::new("shop"), here.clone().namespace(long)),
        ConnectError::Name(_, 201)
    ));
    let zero = Cluster::new("shop").lease(Duration::ZERO);
    assert!(matches!(failed(zero, here.clone()), ConnectError::Lease));
    let shop = Cluster::new("shop");
    shop.connect(here.clone()).unwrap();
    shop.connect(here.clone()).unwrap();
    for other in [
        at("redis://127.0.0.1:2"),
        at("redis://127.0.0.1:1/1"),
        here.clone().namespace("x"),
        here.secret("s"),
    ] {
        let error = shop.connect(other).unwrap_err();
        assert!(matches!(error, ConnectError::Elsewhere(_)), "{error}");
    }
}
