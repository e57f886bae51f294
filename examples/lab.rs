#![deny(warnings, clippy::all, clippy::pedantic)]
#![allow(missing_docs,clippy::undocumented_unsafe_blocks,clippy::needless_borrows_for_generic_args, clippy::items_after_statements,clippy::too_many_arguments,clippy::missing_errors_doc,clippy::unnecessary_literal_bound, missing_debug_implementations, clippy::needless_pass_by_value, clippy::unused_async)]
use coalesced::{Group, coalesce};
use std::{borrow::Cow, path::Path, sync::Arc};

#[coalesce]
async fn inner_attr(id: u64) -> u64 {
    #![allow(unused_variables)]
    let x = 1;
    id
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub struct Tenant { id: u64 }
#[derive(Clone, Debug)]
pub struct Repo<T> { users: Group<u64, u64>, t: T }

impl<T: Clone + Send + Sync + 'static> Repo<T> {
    #[coalesce(skip(self))]
    pub async fn load(&self, id: u64) -> Result<u64, Arc<std::io::Error>> {
        let _ = &self.t;
        std::fs::read("/nonexistent").map_err(Arc::new)?;
        Ok(id)
    }
    #[coalesce]
    pub async fn assoc(id: u64, name: Option<&str>) -> u64 { let _ = name; id }
    #[coalesce(group = self.users)]
    pub async fn owned(self: Arc<Self>, id: u64) -> u64 { drop(self); id }
    #[coalesce(key = id)]
    pub async fn muts(&mut self, mut id: u64) -> u64 { id += 1; id }
}
impl Tenant {
    #[coalesce]
    pub async fn get(&self, p: &Path, c: Cow<'_, str>, pair: (u64, &str), s: &[u8]) -> u64 { let _ = (p, c, pair, s); self.id }
    #[coalesce(key = (self.id, name.as_ref(), self.name()))]
    pub async fn by(&self, name: impl AsRef<str>) -> u64 { let _ = name; 1 }
    fn name(&self) -> &str { let _ = self; "a" }
}
pub trait Svc { 
    fn x(&self) -> u64;
    #[allow(async_fn_in_trait)]
    #[coalesce(key = id)]
    async fn go(&self, id: u64) -> u64 { self.x() + id }
}
struct A; struct B;
impl Svc for A { fn x(&self) -> u64 { 1 } }
impl Svc for B { fn x(&self) -> u64 { 2 }
    #[coalesce(skip(self))]
    async fn go(&self, id: u64) -> u64 { id }
 }
#[coalesce]
async fn generic<T: std::hash::Hash + Eq + Clone + Send + Sync + 'static, const N: usize>(t: T, a: [u8; N]) -> T { let _ = a; t }

#[coalesce]
async fn cfgd(#[cfg(all())] a: u64, #[cfg(any())] b: u64) -> u64 { a }

macro_rules! make { ($name:ident, $($a:ident: $t:ty),*; $ret:ty, $b:block) => {
    #[coalesce] async fn $name($($a: $t),*) -> $ret $b
} }
macro_rules! make2 { ($name:ident, $($a:ident: $t:ty),*; $ret:ty, $b:block) => {
    #[coalesce] async fn $name($($a: $t),*) -> $ret { $b }
} }
macro_rules! make3 { ($name:ident, $($a:ident: $t:ty),*; $ret:ty, $b:block) => {
    async fn $name($($a: $t),*) -> $ret { $b }
} }
make2!(made2, id: u64, n: &str; u64, { id });
make3!(made3, id: u64, n: &str; u64, { let _ = n; id });
make!(made, id: u64, n: &str; u64, { id });

#[coalesce]
async fn thirteen(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8, i: u8, j: u8, k: u8, l: u8, m: &str) -> u8 { let _ = (b,c,d,e,f,g,h,i,j,k,l,m); a }

static USERS: Group<(u64, String), u64> = Group::new();
#[coalesce(group = USERS)]
async fn grp(id: u64, s: &str) -> u64 { let _ = s; id }

/// # Safety
/// none
#[coalesce]
async unsafe fn uns(id: u64) -> u64 { id }

#[coalesce]
async fn early(id: u64) -> Result<u64, String> { if id > 3 { return Err("x".into()); } let x: u64 = "7".parse().map_err(|_| "bad")?; Ok(x) }

#[coalesce]
async fn unit(id: u64) { let _ = id; }

#[tokio::main]
async fn main() {
    assert_eq!(inner_attr(1).await, 1);
    let r = Arc::new(Repo { users: Group::new(), t: 1 });
    r.load(1).await.unwrap_err();
    Repo::<u8>::assoc(1, None).await;
    r.clone().owned(2).await;
    (*r).clone().muts(2).await;
    let t = Tenant { id: 3 };
    t.get(Path::new("x"), "a".into(), (1, "x"), &[1]).await;
    t.by("x").await;
    A.go(1).await; B.go(1).await;
    generic("x".to_owned(), [1]).await;
    generic("x", [1]).await;
    cfgd(1).await;
made2(1,"x").await; made3(1,"x").await;
    made(1, "x").await;
    thirteen(1,2,3,4,5,6,7,8,9,10,11,12,"a").await;
    grp(1, "x").await;
    unsafe { uns(1).await };
    early(1).await.unwrap();
    unit(1).await;
    let key = 3u64;
    assert!(!USERS.forget((key, "x")));
    assert!(!USERS.forget((3, "x")));
    assert!(!USERS.forget(&(3, "x".to_owned())));
    USERS.call((3, "x"), async { 1 }).await;
    let g: Group<u64, u64> = Group::new();
    g.forget(3); g.forget(&3); g.forget(key); g.forget(&key);
    for g in coalesced::groups() { println!("{} {}", g.name(), g.stats()); }
    fn send<T: Send>(_: T) {}
    send(early(1)); send(t.get(Path::new("x"), "a".into(), (1, "x"), &[1])); send(g.call(3, async { 1 }));
}
