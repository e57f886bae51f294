// The borrow is an argument of the type.
use coalesced::coalesce;
use std::borrow::Cow;

#[coalesce]
async fn clean(name: &str) -> Result<Cow<'_, str>, ()> {
    Ok(Cow::Borrowed(name))
}

fn main() {}
