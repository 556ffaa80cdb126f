//! Connections to the index for threads that may wait: a statement for each row costs a tenth of what it costs over the
//! pool, where every step goes from thread to thread. One of them writes; who reads for a page has the pool.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{FILE, MAPPED};
use crate::{Error, Index};

/// Statements that are kept for the next time.
const STATEMENTS: usize = 64;

/// How long a write waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

const SETTINGS: &str = "
    -- What a power cut takes is read again.
    PRAGMA synchronous = NORMAL;
    -- Checked by whoever writes: every row is written after those that it belongs to, and deleted before them.
    PRAGMA foreign_keys = OFF;
    -- Not every container has a place for temporary files.
    PRAGMA temp_store = MEMORY;
    -- kibibytes
    PRAGMA cache_size = -8000;
    -- pages, of 4 KiB: moving them to the database waits for the disk
    PRAGMA wal_autocheckpoint = 25000;
";

impl Index {
    /// A connection of its own for somebody who writes much.
    pub(crate) fn writer(&self) -> Result<Connection, Error> {
        // Only one thread at a time has it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.data_root.join(FILE), flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch(SETTINGS)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    /// A connection of its own for somebody who reads much, row by row.
    pub(crate) fn reader(&self) -> Result<Connection, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.data_root.join(FILE), flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "mmap_size", MAPPED)?;
        Ok(connection)
    }
}

/// A transaction that writes, and waits for others that do.
pub(crate) fn write(connection: &mut Connection) -> Result<Transaction<'_>, Error> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}
