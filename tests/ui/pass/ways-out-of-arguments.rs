// What the refusals of arguments offer, word for word: `tests/ui/fail/argument-*.rs`, each by its first way out.
#![deny(warnings)]

use axum::{extract::Path, http::HeaderMap};
use coalesced::coalesce;
use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    path,
    sync::Arc,
};

// argument-float
#[coalesce(key = (symbol, price.to_bits()))]
async fn quote(symbol: String, price: f64) -> u64 {
    symbol.len() as u64 + price as u64
}

// key-a-float
#[coalesce(key = (symbol, price.to_bits()))]
async fn traced(symbol: &str, price: f64, trace: u64) -> u64 {
    symbol.len() as u64 + price as u64 + trace
}

#[coalesce(key = height.map(f32::to_bits))]
async fn measured(height: Option<f32>) -> String {
    format!("{height:?}")
}

// argument-float-in-tuple
#[coalesce(key = (place.0.to_bits(), place.1.to_bits()))]
async fn weather(place: (f32, f32)) -> String {
    format!("{place:?}")
}

// argument-float-inside
#[coalesce(key = height.map(f64::to_bits))]
async fn optional(height: Option<f64>) -> String {
    format!("{height:?}")
}

#[coalesce(key = (symbol, prices.iter().map(|it| it.to_bits()).collect::<Vec<_>>()))]
async fn list(symbol: &str, prices: Vec<f64>) -> String {
    format!("{symbol} {prices:?}")
}

#[coalesce(key = (price.to_bits(), prices.iter().map(|it| it.to_bits()).collect::<Vec<_>>()))]
async fn referred(price: &f64, prices: &[f32]) -> String {
    format!("{price} {prices:?}")
}

#[coalesce(key = (places.iter().map(|it| (it.0.clone(), it.1.to_bits())).collect::<Vec<_>>(), range.map(|it| (it.0.to_bits(), it.1.to_bits()))))]
async fn pairs(places: &[(String, f64)], range: Option<(f64, f64)>) -> String {
    format!("{places:?} {range:?}")
}

#[coalesce(key = (latitude.to_bits(), longitude.to_bits()))]
async fn pattern((latitude, longitude): (f64, f64)) -> String {
    format!("{latitude} {longitude}")
}

#[coalesce(key = (id, price.to_bits()))]
async fn extractor(Path((id, price)): Path<(u64, f64)>) -> String {
    format!("{id} {price}")
}

// argument-of-an-alias-of-a-float
struct Point {
    x: f64,
}

#[coalesce(key = (id, point.x.to_bits()))]
async fn inside(id: u64, point: Point) -> String {
    format!("{id} {}", point.x)
}

// argument-not-a-key
#[derive(Clone, PartialEq, Eq, Hash)]
struct Page(u64);

#[coalesce]
async fn derived(page: &Page) -> u64 {
    page.0
}

// argument-borrows-elements
#[coalesce(key = names.iter().map(|it| it.to_string()).collect::<Vec<_>>())]
async fn fetch_all(names: &[&str]) -> usize {
    names.len()
}

// argument-borrows
struct Query<'a> {
    id: u64,
    text: &'a str,
}

#[coalesce(key = query.id)]
async fn search(query: Query<'_>) -> usize {
    query.text.len()
}

// argument-a-map, key-with-a-rest
#[coalesce(key = (map.clone().into_iter().collect::<std::collections::BTreeMap<_, _>>(), page))]
async fn filter(map: HashMap<String, String>, page: usize) -> usize {
    map.len() + page
}

#[coalesce(key = (lang, ids.clone().into_iter().collect::<std::collections::BTreeSet<_>>()))]
async fn set(lang: &str, ids: &HashSet<u64>) -> usize {
    lang.len() + ids.len()
}

// argument-only-converted
#[coalesce]
async fn name(name: impl AsRef<str>) -> String {
    name.as_ref().to_owned()
}

#[coalesce]
async fn path<P: AsRef<path::Path> + Send>(path: &P) -> usize {
    path.as_ref().as_os_str().len()
}

#[coalesce]
async fn bytes<B>(bytes: B) -> usize
where
    B: AsRef<[u8]>,
{
    bytes.as_ref().len()
}

#[coalesce(key = (id, name))]
async fn chosen(name: impl AsRef<str>, id: u64) -> String {
    format!("{id} {}", name.as_ref())
}

#[coalesce(key = (name, id))]
async fn computed(name: &str, compute: impl Fn(u64) -> u64, id: u64) -> u64 {
    compute(id) + name.len() as u64
}

// argument-generic-without-bounds
#[coalesce]
async fn describe<T: Hash + Eq + Clone + Send + Sync + 'static>(thing: T) -> u64 {
    let _ = thing;
    0
}

trait Named {
    fn name(&self) -> String;
}

#[coalesce]
async fn call(thing: &(impl Named + Hash + Eq + Clone + Send + Sync + 'static)) -> String {
    thing.name()
}

// argument-mutable
struct Pool;

#[coalesce(key = (tenant, id))]
async fn of_a_pool(pool: &Pool, tenant: &str, id: u64) -> String {
    let Pool = pool;
    format!("{tenant} {id}")
}

// argument-who-asks
struct User {
    id: u64,
}

#[coalesce(key = (user.id, id))]
async fn for_a_user(user: &User, id: u64) -> String {
    format!("{} {id}", user.id)
}

// skip-a-transaction
struct Transaction<'c>(&'c str);

#[coalesce(key = (lang, id))]
async fn in_a_transaction(tx: &mut Transaction<'_>, lang: &str, id: u64) -> u64 {
    tx.0.len() as u64 + lang.len() as u64 + id
}

// argument-a-row, key-with-a-rest
#[coalesce(key = user.id)]
async fn of_a_row(user: &User) -> u64 {
    user.id
}

#[coalesce(key = (user.as_ref().map(|user| user.id), page))]
async fn of_an_optional_row(user: Option<&User>, page: u32) -> u64 {
    user.map_or(0, |user| user.id) + u64::from(page)
}

#[coalesce(key = (user.as_ref().map(|user| user.id), page))]
async fn of_an_optional_arc(user: Option<Arc<User>>, page: u32) -> u64 {
    user.map_or(0, |user| user.id) + u64::from(page)
}

#[coalesce(key = (user.id, page))]
async fn page_of_a_row(user: &User, page: u32) -> u64 {
    user.id + u64::from(page)
}

#[coalesce(key = (headers.get("accept-language").cloned(), id))]
async fn in_a_language(headers: HeaderMap, id: u64) -> String {
    format!("{:?} {id}", headers.get("accept-language"))
}

impl Named for u64 {
    fn name(&self) -> String {
        self.to_string()
    }
}

fn main() {
    drop((quote(String::new(), 0.5), weather((0.5, 0.5)), optional(None)));
    drop((traced("", 0.5, 7), measured(None)));
    drop((list("", vec![]), referred(&0.5, &[]), pairs(&[], None)));
    drop((pattern((0.5, 0.5)), extractor(Path((7, 0.5)))));
    drop((inside(7, Point { x: 0.5 }), derived(&Page(7)), fetch_all(&[])));
    drop((search(Query { id: 7, text: "" }), filter(HashMap::new(), 7), set("", &HashSet::new())));
    drop(in_a_transaction(&mut Transaction(""), "", 7));
    drop((of_an_optional_row(None, 7), of_an_optional_arc(None, 7)));
    drop((name("a"), path(&"a"), bytes("a"), chosen("a", 7)));
    drop(computed("double", |id| id * 2, 7));
    drop((describe(7), call(&7), of_a_pool(&Pool, "", 7)));
    drop((of_a_row(&User { id: 7 }), page_of_a_row(&User { id: 7 }, 7)));
    drop((for_a_user(&User { id: 7 }, 7), in_a_language(HeaderMap::new(), 7)));
}
