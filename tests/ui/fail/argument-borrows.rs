// A borrowing struct cannot live as long as a flight may.
use coalesced::coalesce;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Query<'a> {
    text: &'a str,
}

#[coalesce]
async fn search(query: Query<'_>) -> usize {
    query.text.len()
}

fn main() {}
