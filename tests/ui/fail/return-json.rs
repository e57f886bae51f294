// What makes a response of a value: axum's `Json` is `Clone` if that is, and actix's is not.
use coalesced::coalesce;

struct User;

#[coalesce]
async fn of_axum(id: u64) -> axum::Json<User> {
    let _ = id;
    axum::Json(User)
}

mod web {
    pub struct Json<T>(pub T);
}

#[coalesce]
async fn of_actix(id: u64) -> Result<web::Json<u64>, String> {
    Ok(web::Json(id))
}

fn main() {}
