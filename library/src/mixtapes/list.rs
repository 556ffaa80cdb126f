//! The list of mixtapes, sorted, searched and in pages, by the words and sums that each save writes down.
//! Writing them is done in `words`.

use model::{ListQuery, Millis, MixtapePage, MixtapeSummary, SortBy, SortOrder, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{slug_from, unsigned};
use crate::fold::fold;
use crate::sharing::sharing_from;
use crate::{Error, Store};

/// Further words of a search are not looked for.
const MAX_WORDS: usize = 16;

impl Store {
    /// One page of the mixtapes that match, and how many match on all pages.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn list(&self, query: &ListQuery) -> Result<MixtapePage, Error> {
        // One transaction, so that page and count are of the same moment.
        let mut transaction = self.pool.begin().await?;
        let words = words(&query.search);
        let mut counting = QueryBuilder::new("SELECT count(*) FROM ");
        counting.push(if words.is_empty() { "mixtapes" } else { "mixtapes JOIN mixtape_words ON mixtape_id = id" });
        push_conditions(&mut counting, &words, query.deep);
        let count: i64 = counting.build_query_scalar().fetch_one(&mut *transaction).await?;

        // Sorted by what is small; the rows, which have the notes in them, are read only of this page.
        let mut listing = QueryBuilder::new("SELECT id FROM ");
        // The first of two tables that are crossed is the one whose order is gone by.
        listing.push(match query.sort_by {
            SortBy::Title => "mixtape_words CROSS JOIN mixtapes ON id = mixtape_id",
            _ if words.is_empty() => "mixtapes",
            _ => "mixtapes CROSS JOIN mixtape_words ON mixtape_id = id",
        });
        push_conditions(&mut listing, &words, query.deep);
        let [column, id] = match query.sort_by {
            SortBy::Title => ["sort_title", "mixtape_id"],
            SortBy::CreatedAt => ["created_at", "id"],
            SortBy::UpdatedAt => ["updated_at", "id"],
            SortBy::TrackCount => ["track_count", "id"],
        };
        let order = match query.sort_order.unwrap_or(query.sort_by.usual_order()) {
            SortOrder::Asc => "ASC",
            SortOrder::Desc => "DESC",
        };
        listing.push(format!(" ORDER BY {column} {order}, {id} {order} LIMIT "));
        listing.push_bind(query.limit).push(" OFFSET ").push_bind(query.offset);
        let ids: Vec<i64> = listing.build_query_scalar().fetch_all(&mut *transaction).await?;
        let query = "SELECT mixtapes.* FROM json_each(?) AS wanted JOIN mixtapes ON mixtapes.id = wanted.value \
                     ORDER BY wanted.key";
        let ids = serde_json::to_string(&ids).unwrap_or_default();
        let rows = sqlx::query(query).bind(ids).fetch_all(&mut *transaction).await?;
        let mixtapes = rows.iter().map(summary_from).collect::<Result<_, _>>()?;
        Ok(MixtapePage { mixtapes, count: unsigned(count) })
    }
}

fn words(search: &str) -> Vec<String> {
    fold(search).split(' ').filter(|word| !word.is_empty()).take(MAX_WORDS).map(str::to_owned).collect()
}

/// Not of interest is where in a word something stands, nor whether several words stand side by side.
fn push_conditions(builder: &mut QueryBuilder<'_, Sqlite>, words: &[String], is_deep: bool) {
    builder.push(" WHERE deleted_at IS NULL");
    for word in words {
        builder.push(" AND (instr(own, ").push_bind(word.clone()).push(") > 0");
        if is_deep {
            builder.push(" OR instr(mixtape_words.tracks, ").push_bind(word.clone()).push(") > 0");
        }
        builder.push(")");
    }
}

pub(super) fn summary_from(row: &SqliteRow) -> Result<MixtapeSummary, Error> {
    Ok(MixtapeSummary {
        slug: slug_from(row)?,
        title: row.try_get("title")?,
        creator_name: row.try_get("creator_name")?,
        cover: row.try_get("cover")?,
        track_count: unsigned(row.try_get("track_count")?),
        total: Millis(unsigned(row.try_get("total")?)),
        sharing: sharing_from(row)?,
        plays: unsigned(row.try_get("plays")?),
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        deleted_at: row.try_get::<Option<i64>, _>("deleted_at")?.map(Timestamp),
    })
}
