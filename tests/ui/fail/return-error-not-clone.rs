// The usual error of a library is not `Clone`.
use coalesced::coalesce;

#[coalesce]
async fn read(path: String) -> Result<String, std::io::Error> {
    std::fs::read_to_string(path)
}

fn main() {}
