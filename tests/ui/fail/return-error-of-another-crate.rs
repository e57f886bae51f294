// It can be implemented for an error of one's own alone.
use coalesced::coalesce;
use std::sync::mpsc::{SendError, Sender};

#[coalesce]
async fn send(id: u64) -> Result<u64, SendError<std::sync::Mutex<Sender<u64>>>> {
    Ok(id)
}

fn main() {}
