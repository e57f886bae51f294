//! The articles: a cache in front, then what is in flight, then the database.

use std::{future::ready, time::Duration};

use coalesced::{Registry, coalesce, forget, is_forgotten};
use moka::{future::Cache, ops::compute::Op};
use serde::{Deserialize, Serialize};
use sqlx::SqlitePool;

use crate::error::Error;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Article {
    pub title: String,
    pub text: String,
}

/// Clones have all in common.
#[derive(Debug, Clone)]
pub struct Articles {
    pool: SqlitePool,
    cache: Cache<i64, Article>,
    calls: Registry,
}

impl Articles {
    pub fn new(pool: SqlitePool, calls: Registry) -> Self {
        let cache = Cache::builder().max_capacity(10_000);
        // Other processes may write, too.
        let cache = cache.time_to_live(Duration::from_secs(60)).build();
        Self { pool, cache, calls }
    }

    pub async fn get(&self, id: i64) -> Result<Article, Error> {
        match self.cache.get(&id).await {
            Some(article) => Ok(article),
            None => self.clone().fetch(id).await,
        }
    }

    /// Detached, so that the cache is filled, also when the requests that asked have timed out.
    #[coalesce(registry = self.calls, detach, name = "article")]
    async fn fetch(self, id: i64) -> Result<Article, Error> {
        // Another flight may have filled it since `get` looked.
        if let Some(article) = self.cache.get(&id).await {
            return Ok(article);
        }
        let query = sqlx::query_as("SELECT title, text FROM articles WHERE id = $1").bind(id);
        let row = query.fetch_optional(&self.pool).await?;
        let (title, text) = row.ok_or(Error::NotFound)?;
        let article = Article { title, text };
        let fill = |_| match is_forgotten() {
            true => ready(Op::Nop), // it may be older than what was written
            false => ready(Op::Put(article.clone())),
        };
        self.cache.entry(id).and_compute_with(fill).await;
        Ok(article)
    }

    pub async fn put(&self, id: i64, Article { title, text }: Article) -> Result<(), Error> {
        let this = self.clone();
        // A task of its own: a client that goes away must not have it written and not forgotten.
        let writing = tokio::spawn(async move {
            let query = sqlx::query("REPLACE INTO articles (id, title, text) VALUES ($1, $2, $3)");
            let query = query.bind(id).bind(title).bind(text);
            let written = query.execute(&this.pool).await;
            // After a failure, too: it may have been committed. First the flight is forgotten, then the value goes: moka
            // does one thing at a time for a key, so the flight has filled the cache before, or sees that it must not.
            forget(this.clone().fetch(id)).await;
            let entry = this.cache.entry(id);
            entry.and_compute_with(|_| ready(Op::Remove)).await;
            written
        });
        writing.await.expect("it does not panic")?;
        Ok(())
    }

    /// Waits for what is in flight, and for the database's last statement.
    pub async fn close(&self) {
        self.calls.idle().await;
        self.pool.close().await;
    }
}
