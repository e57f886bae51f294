//! How many statements SQLite ran, by its own count.

use std::{
    ffi::{c_int, c_uint, c_void},
    ptr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use libsqlite3_sys::{SQLITE_TRACE_STMT, sqlite3_trace_v2};
use sqlx::sqlite::LockedSqliteHandle;

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Statements that began on a [traced](trace) connection of this process.
pub(crate) fn count() -> u64 {
    STATEMENTS.load(Relaxed)
}

/// Makes SQLite itself report each statement of this connection, whatever the driver says it did.
pub(crate) fn trace(connection: &mut LockedSqliteHandle<'_>) {
    // SAFETY: the handle is open, and locked from its worker, for as long as `connection` is
    // borrowed. The callback needs no context and is never gone. It has SQLite's signature.
    unsafe {
        sqlite3_trace_v2(
            connection.as_raw_handle().as_ptr(),
            SQLITE_TRACE_STMT,
            Some(began),
            ptr::null_mut(),
        );
    }
}

unsafe extern "C" fn began(
    _event: c_uint,
    _context: *mut c_void,
    _statement: *mut c_void,
    _sql: *mut c_void,
) -> c_int {
    STATEMENTS.fetch_add(1, Relaxed);
    0
}
