//! Writing many rows into a table of the index at once: a statement for each row costs more than the row.
//! Which rows, and what follows from them, is known to whoever writes them.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Sqlite, SqliteConnection, Type};

/// Rows in one statement.
const AT_ONCE: usize = 500;

/// The values of rows, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Values {
    arguments: SqliteArguments<'static>,
    failure: Option<BoxDynError>,
}

impl Values {
    /// Adds the next value.
    pub(crate) fn push<T>(&mut self, value: T)
    where
        T: Encode<'static, Sqlite> + Type<Sqlite> + 'static,
    {
        if let Err(error) = self.arguments.add(value) {
            self.failure.get_or_insert(error);
        }
    }
}

/// Inserts rows: `into` is the statement up to VALUES and `then` what follows them; `values` adds the values of one row.
pub(crate) async fn insert<T>(
    connection: &mut SqliteConnection,
    into: &str,
    then: &str,
    rows: Vec<T>,
    mut values: impl FnMut(&mut Values, T),
) -> Result<(), sqlx::Error> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        let count = left.min(AT_ONCE);
        left -= count;
        let mut all = Values::default();
        rows.by_ref().take(count).for_each(|row| values(&mut all, row));
        if let Some(error) = all.failure {
            return Err(sqlx::Error::Encode(error));
        }
        let columns = all.arguments.len() / count;
        let row = format!("({})", vec!["?"; columns].join(","));
        let sql = format!("{into} VALUES {} {then}", vec![row.as_str(); count].join(","));
        // Statements of the usual length are kept.
        sqlx::query_with(&sql, all.arguments).persistent(count == AT_ONCE).execute(&mut *connection).await?;
    }
    Ok(())
}
