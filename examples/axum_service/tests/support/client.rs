//! Whoever asks the service.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Client(pub(crate) SocketAddr);

impl Client {
    pub(crate) async fn get(self, path: &str) -> (StatusCode, String) {
        self.ask(Method::GET, path, String::new()).await
    }

    /// The title of an article.
    pub(crate) async fn title(self, id: u64) -> String {
        let (status, article) = self.get(&format!("/articles/{id}")).await;
        assert_eq!(status, StatusCode::OK, "{article}");
        let article: Value = serde_json::from_str(&article).unwrap();
        article["title"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn put(self, id: u64, title: &str) {
        let article = json!({"title": title, "text": "It was a dark night."}).to_string();
        let path = format!("/articles/{id}");
        let (status, told) = self.ask(Method::PUT, &path, article).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{told}");
    }

    /// On a connection of its own, which ends with this.
    async fn ask(self, method: Method, path: &str, body: String) -> (StatusCode, String) {
        let stream = TcpStream::connect(self.0).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let asking = async {
            let request = Request::builder().method(method).uri(path);
            let request = request.header(header::HOST, self.0.to_string());
            let request = request.header(header::CONTENT_TYPE, "application/json");
            let request = request.body(Full::<Bytes>::from(body)).unwrap();
            let response = sender.send_request(request).await.unwrap();
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            (status, String::from_utf8(body.into()).unwrap())
        };
        tokio::pin!(asking);
        tokio::select! {
            answer = &mut asking => answer,
            _ = connection => asking.await,
        }
    }
}
