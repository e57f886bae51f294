//! HTTP/1.0 and HTTP/1.1, to the byte.

use super::server::{Server, layer};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What comes back for this, as it is, until the connection is closed.
async fn talk(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_says_the_length_of_what_is_there_and_frames_what_comes() {
    let mut server = Server::new(layer()).await;
    server.gate.open();
    let request = |line: &str| format!("{line} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let response = talk(server.address, &request("GET /")).await;
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("content-length: 5"), "{head}");
    assert_eq!(body, "hello");

    let response = talk(server.address, &request("HEAD /")).await;
    assert!(response.contains("content-length: 5"), "{response}");
    assert!(response.ends_with("\r\n\r\n"), "no body: {response}");

    let asked = request("GET /body").replace("host: a", "host: a\r\nte: trailers");
    let address = server.address;
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(asked.as_bytes()).await.unwrap();
    let mut send = server.body().await;
    let mut response = vec![0; 4096];
    let length = client.read(&mut response).await.unwrap();
    response.truncate(length);
    send.send_data("hello".into()).await.unwrap();
    drop(send);
    client.read_to_end(&mut response).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    assert!(
        response.contains("transfer-encoding: chunked\r\n"),
        "{response}"
    );
    assert!(response.ends_with("5\r\nhello\r\n0\r\n\r\n"), "{response}");
}

/// HTTP/1.0 has no chunks: the end of the connection is the end of the body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_1_0_and_1_1_share() {
    let server = Server::new(layer()).await;
    let address = server.address;
    let ask = |version: &str| {
        let request = format!("GET / HTTP/{version}\r\nhost: a\r\nconnection: close\r\n\r\n");
        tokio::spawn(async move { talk(address, &request).await })
    };
    let clients = [ask("1.0"), ask("1.1")];
    server.group.waiting(1).await;
    server.gate.open();
    for (client, version) in clients.into_iter().zip(["1.0", "1.1"]) {
        let response = client.await.unwrap();
        assert!(
            response.starts_with(&format!("HTTP/{version} 200 OK")),
            "{response}"
        );
        assert!(response.ends_with("\r\n\r\nhello"), "{response}");
    }
    assert_eq!(server.gate.bodies_started(), 1);
}
