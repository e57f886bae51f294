//! `rediss://`, with a certificate that a test makes. Its authority must be among those of the system, which is said by
//! the environment: so the member is a process of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use coalesce_cluster::{Cluster, Redis};
use coalesce_runtime::private::across::Verdict::Given;

use super::{
    says,
    server::{Server, reserved_port},
    until,
};
use crate::support::Process;

/// A directory with an authority and a certificate of `localhost` by it; dropped, it is gone.
struct Certificates(PathBuf);

impl Certificates {
    fn new() -> Self {
        let directory = env::temp_dir().join(format!("coalesced-tls-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let made = Self(directory);
        let name = "subjectAltName=DNS:localhost";
        fs::write(made.path("extensions"), name).unwrap();
        for command in [
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 -keyout ca.key -out ca.pem",
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=other -days 2 -keyout other.key -out other.pem",
            "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out server.pem",
        ] {
            let made = Command::new("openssl")
                .args(command.split(' '))
                .current_dir(&made.0)
                .output()
                .expect("openssl, which `apt-get install openssl` brings");
            assert!(made.status.success(), "{made:?}");
        }
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn place() -> Redis {
    Redis::at(&env::var("COALESCED_REDIS").unwrap()).unwrap()
}

/// What the other process does; no test.
#[tokio::test]
#[ignore = "run by the test below"]
async fn two_members_share() {
    let one = Process::at(&place()).await;
    let other = Process::at(&place()).await;
    let mut leader = one.leads(7).await;
    let mut waiter = other.waits(7).await;
    // It is seen to wait over the server's other port.
    let server = ::redis::Client::open(env::var("COALESCED_PLAIN").unwrap()).unwrap();
    let mut connection = server.get_connection().unwrap();
    until(|| {
        let waits = ::redis::cmd("KEYS").arg("*:w:*").query(&mut connection);
        waits.is_ok_and(|keys: Vec<String>| !keys.is_empty())
    })
    .await;
    leader.end(49);
    assert_eq!(waiter.verdict().await, Given(49));
}

/// The same.
#[tokio::test]
#[ignore = "run by the test below"]
async fn a_member_does_not_trust_it() {
    let process = Process::started(Cluster::new("shop"), &place());
    says(process, "certificate").await;
}

#[test]
fn members_meet_over_tls_if_they_trust_the_server() {
    let certificates = Certificates::new();
    let (_reserved, port) = reserved_port();
    let path = |name: &str| certificates.path(name).display().to_string();
    let server = Server::with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        &path("server.pem"),
        "--tls-key-file",
        &path("server.key"),
        "--tls-ca-cert-file",
        &path("ca.pem"),
        "--tls-auth-clients",
        "no",
    ]);
    let run = |role: &str, authority: &Path| {
        let ran = Command::new(env::current_exe().unwrap())
            .args(["--exact", role, "--ignored", "--nocapture"])
            .env("COALESCED_REDIS", format!("rediss://localhost:{port}"))
            .env(
                "COALESCED_PLAIN",
                format!("redis://127.0.0.1:{}", server.port),
            )
            .env("SSL_CERT_FILE", authority)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{ran:?}");
    };
    run(
        "redis::tls::two_members_share",
        &certificates.path("ca.pem"),
    );
    // An authority that has signed nothing.
    run(
        "redis::tls::a_member_does_not_trust_it",
        &certificates.path("other.pem"),
    );
}
