//! What lists need of a mixtape beside its own row: the words by which it is found and sorted, and the sums of its
//! tracks. Asking for them is done in `list`.

use sqlx::SqliteConnection;

use crate::fold::fold;
use crate::{Error, Store};

/// Digits to which numbers in titles are filled up, so that "Vol. 2" comes before "Vol. 10".
const DIGITS: usize = 12;

impl Store {
    /// Writes the words of tapes that were saved before there were any.
    pub(crate) async fn write_missing_words(&self) -> Result<(), Error> {
        let without = "SELECT id FROM mixtapes WHERE id NOT IN (SELECT mixtape_id FROM mixtape_words)";
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let ids: Vec<i64> = sqlx::query_scalar(without).fetch_all(&mut *transaction).await?;
        for id in ids {
            write(&mut transaction, id).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Writes words and sums of the tape as it now stands in its tables.
pub(super) async fn write(connection: &mut SqliteConnection, id: i64) -> Result<(), Error> {
    let (title, creator): (String, String) = sqlx::query_as("SELECT title, creator_name FROM mixtapes WHERE id = ?")
        .bind(id)
        .fetch_one(&mut *connection)
        .await?;
    let tracks: Vec<(String, String, String)> =
        sqlx::query_as("SELECT title, artist, album FROM mixtape_tracks WHERE mixtape_id = ? ORDER BY position")
            .bind(id)
            .fetch_all(&mut *connection)
            .await?;
    let tracks: Vec<_> =
        tracks.iter().map(|(title, artist, album)| [fold(title), fold(artist), fold(album)].join(" ")).collect();
    sqlx::query(
        "INSERT INTO mixtape_words (mixtape_id, sort_title, own, tracks) VALUES (?, ?, ?, ?) \
         ON CONFLICT (mixtape_id) DO UPDATE SET sort_title = excluded.sort_title, own = excluded.own, \
         tracks = excluded.tracks",
    )
    .bind(id)
    .bind(sort_title(&title))
    .bind([fold(&title), fold(&creator)].join(" "))
    .bind(tracks.join("\n"))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE mixtapes SET (track_count, total) = \
         (SELECT count(*), coalesce(sum(duration), 0) FROM mixtape_tracks WHERE mixtape_id = id) WHERE id = ?",
    )
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

/// The title as it is compared when titles are sorted.
fn sort_title(title: &str) -> String {
    let folded = fold(title);
    let mut sorted = String::with_capacity(folded.len());
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        let is_digit = |sign: char| sign.is_ascii_digit();
        let end = rest.find(|sign| is_digit(sign) != is_digit(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if is_digit(first) {
            let number = run.trim_start_matches('0');
            sorted.extend(std::iter::repeat_n('0', DIGITS.saturating_sub(number.len())));
            sorted.push_str(number);
        } else {
            sorted.push_str(run);
        }
        rest = after;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::sort_title;

    #[test]
    fn titles_sort_as_people_do() {
        let mut titles = ["Vol. 10", "Äpfel", "vol 2", "Zebra", "2024", "Vol. 02b", "apfel 1", "💿"];
        titles.sort_by_cached_key(|title| sort_title(title));
        assert_eq!(titles, ["2024", "Äpfel", "apfel 1", "vol 2", "Vol. 02b", "Vol. 10", "Zebra", "💿"]);
    }
}
