//! What the examples with several servers have in common.
//!
//! - [`child`]: processes that end with their parent.
//! - [`database`]: one that counts its queries, and holds their answers until it is told to give them.
//! - [`http`]: a request.
//! - [`store`]: a Redis of one's own.

pub mod child;
pub mod database;
pub mod http;
pub mod store;

/// An error is one sentence, for whoever started the program.
pub type Result<T, E = String> = std::result::Result<T, E>;

/// Lets this process, and all that it starts, have so many files and connections open.
///
/// # Errors
///
/// If it may not.
pub fn open_files(files: u64) -> Result<()> {
    match rlimit::increase_nofile_limit(files) {
        Ok(allowed) if allowed >= files => Ok(()),
        Ok(_) => Err(format!(
            "this takes {files} open files; let `ulimit -Hn` allow them"
        )),
        Err(error) => Err(error.to_string()),
    }
}
