//! Searching while typing: artists, releases and tracks, the best first, from the tables of `index/search.sql`.
//! Those tables are filled by `follow`; what is in the music folder is found out by `scan`.

mod contents;
pub(crate) mod expression;
mod follow;
mod highlight;
mod letters;
mod names;
mod query;
mod spelling;
mod vocabulary;

use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use model::search::{ArtistHit, Group, Page, Pages, ReleaseHit, SearchResults, TrackHit};
use tokio::sync::OnceCell;

pub(crate) use self::follow::Follower;
pub use self::query::Query;
pub(crate) use self::vocabulary::KnownLists;

use self::contents::{artist_from, release_from, track_from};
use self::expression::{ARTISTS, Known, Names, Others, RELEASES, Stages, TRACKS};
use self::highlight::pieces;
use self::query::Field;
use self::spelling::is_long;
use self::vocabulary::Vocabulary;
use crate::{Error, Index};

/// Further hits are not counted: with several common words each one costs many steps.
const MAX_COUNT: u32 = 200;
/// The last page ends here.
const MAX_DEPTH: u32 = 10_000;
/// The rest of a rowid is the order of the hits.
const ID_BITS: i64 = (1 << 40) - 1;
/// All rowids.
const ANYWHERE: RangeInclusive<i64> = 0..=i64::MAX;
/// After this nothing more is begun, and what was found is the answer.
const PATIENCE: Duration = Duration::from_millis(500);

/// A query without a positive term would return the whole library.
const ONLY_EXCLUDES: &str = "This only says what to leave out. Add a word to look for.";

/// One search under way.
struct Search<'a> {
    index: &'a Index,
    query: &'a Query,
    /// Read when it is needed, once for a search and for what was meant by it.
    vocabulary: &'a OnceCell<Vocabulary>,
    beginning: OnceCell<Others>,
    inside: OnceCell<Others>,
    begun: Instant,
}

impl Index {
    /// Searches for a query. If nothing matches on the first pages, words that are in no name are taken for typing
    /// errors, and the answer says so. Dropping the future ends the search with the step that is being done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self, query: &Query, pages: &Pages) -> Result<SearchResults, Error> {
        if query.only_excludes() {
            return Ok(SearchResults { hint: Some(ONLY_EXCLUDES.to_owned()), ..SearchResults::default() });
        }
        let vocabulary = OnceCell::new();
        let search = Search::new(self, query, &vocabulary);
        let results = search.results(pages).await?;
        let is_first = [pages.artists, pages.releases, pages.tracks].iter().all(|page| page.offset == 0);
        if !is_first || query.is_empty() || !is_empty(&results) {
            return Ok(results);
        }
        let Some(corrected) = search.vocabulary().await?.corrected(query) else {
            return Ok(results);
        };
        let others = Search::new(self, &corrected, &vocabulary).results(pages).await?;
        if is_empty(&others) {
            return Ok(results);
        }
        Ok(SearchResults { did_you_mean: Some(corrected.to_string()), ..others })
    }
}

fn is_empty(results: &SearchResults) -> bool {
    results.artists.count == 0 && results.releases.count == 0 && results.tracks.count == 0
}

impl<'a> Search<'a> {
    fn new(index: &'a Index, query: &'a Query, vocabulary: &'a OnceCell<Vocabulary>) -> Self {
        let (beginning, inside) = (OnceCell::new(), OnceCell::new());
        Self { index, query, vocabulary, beginning, inside, begun: Instant::now() }
    }

    async fn results(&self, pages: &Pages) -> Result<SearchResults, Error> {
        let (artists, releases, tracks) =
            tokio::try_join!(self.artists(pages.artists), self.releases(pages.releases), self.tracks(pages.tracks))?;
        Ok(SearchResults { artists, releases, tracks, did_you_mean: None, hint: None })
    }

    async fn artists(&self, page: Page) -> Result<Group<ArtistHit>, Error> {
        let (ids, group) = self.page(&ARTISTS, page).await?;
        let rows = sqlx::query(
            "SELECT artists.* FROM json_each(?) AS hit JOIN artists ON artists.id = hit.value ORDER BY hit.key",
        )
        .bind(ids)
        .fetch_all(&self.index.pool)
        .await?;
        let marked = |name: &str| pieces(name, self.query.words_for(Field::Artist));
        Ok(Group { hits: rows.iter().map(|row| artist_from(row, marked)).collect::<Result<_, _>>()?, ..group })
    }

    async fn releases(&self, page: Page) -> Result<Group<ReleaseHit>, Error> {
        let (ids, group) = self.page(&RELEASES, page).await?;
        let rows = sqlx::query(
            "SELECT releases.* FROM json_each(?) AS hit JOIN releases ON releases.id = hit.value ORDER BY hit.key",
        )
        .bind(ids)
        .fetch_all(&self.index.pool)
        .await?;
        let marked = |field, name: &str| pieces(name, self.query.words_for(field));
        Ok(Group { hits: rows.iter().map(|row| release_from(row, marked)).collect::<Result<_, _>>()?, ..group })
    }

    async fn tracks(&self, page: Page) -> Result<Group<TrackHit>, Error> {
        let (ids, group) = self.page(&TRACKS, page).await?;
        let rows = sqlx::query(
            "SELECT tracks.* FROM json_each(?) AS hit JOIN tracks ON tracks.id = hit.value ORDER BY hit.key",
        )
        .bind(ids)
        .fetch_all(&self.index.pool)
        .await?;
        let marked = |field, name: &str| pieces(name, self.query.words_for(field));
        Ok(Group { hits: rows.iter().map(|row| track_from(row, marked)).collect::<Result<_, _>>()?, ..group })
    }

    /// The ids of one page as JSON, and how many there are.
    async fn page<T>(&self, names: &Names, page: Page) -> Result<(String, Group<T>), Error> {
        let mut group = Group::default();
        let mut ids = Vec::new();
        if page.limit > 0 {
            let end = page.offset.saturating_add(page.limit).min(MAX_DEPTH);
            let depth = end.max(MAX_COUNT);
            ids = self.ids(names, depth as usize + 1, end as usize).await?;
            group.count = u32::try_from(ids.len()).unwrap_or(u32::MAX).min(depth);
            group.is_capped = ids.len() > depth as usize;
            ids.truncate(end as usize);
            ids.drain(..ids.len().min(page.offset as usize));
        }
        Ok((serde_json::to_string(&ids).unwrap_or_default(), group))
    }

    /// The first hits: `enough` in their order, and others for their number, at most `max`; those inside of words only
    /// if there are not enough without. The tables give them in their order, so that nothing is sorted and reading ends
    /// with the last that is wanted.
    async fn ids(&self, names: &Names, max: usize, enough: usize) -> Result<Vec<i64>, Error> {
        let mut known = Known { beginning: self.beginning().await?, inside: None };
        let Stages { whole, own, all } = names.stages(self.query, known);
        let mut hits = Hits::default();
        for stage in whole {
            if hits.ids.len() < max && self.has_time() {
                hits.add(&self.rowids(names, &stage, max, ANYWHERE).await?);
            }
        }
        if let Some(all) = all
            && hits.ids.len() < max
            && self.has_time()
        {
            let mut all = self.rowids(names, &all, max, ANYWHERE).await?;
            let are_more = all.len() == max;
            all.retain(|rowid| hits.is_new(*rowid));
            // Which of these come first is asked where it makes a difference, and no further than they reach.
            if let (Some(own), [first, .., last]) = (own, &all[..])
                && hits.ids.len() < enough
                && self.has_time()
            {
                let last = if are_more { i64::MAX } else { *last };
                hits.add(&self.rowids(names, &own, enough, *first..=last).await?);
            }
            hits.add(&all);
        }
        if hits.ids.len() < enough && self.has_time() {
            known.inside = Some(self.inside().await?);
            if let Some(expression) = names.inside(self.query, known) {
                hits.add(&self.rowids(names, &expression, max, ANYWHERE).await?);
            }
        }
        hits.ids.truncate(max);
        Ok(hits.ids)
    }

    fn has_time(&self) -> bool {
        self.begun.elapsed() < PATIENCE
    }

    /// The words that begin with the long ones of the query.
    async fn beginning(&self) -> Result<&Others, Error> {
        let beginning = async || {
            let mut words = self.query.terms.iter().flat_map(|term| &term.words);
            let has_long = words.any(|word| is_long(&word.joined()));
            Ok(if has_long { self.vocabulary().await?.beginnings(self.query) } else { Others::new() })
        };
        self.beginning.get_or_try_init(beginning).await
    }

    /// The words that have those of the query inside.
    async fn inside(&self) -> Result<&Others, Error> {
        self.inside.get_or_try_init(async || Ok(self.vocabulary().await?.inside(self.query))).await
    }

    async fn vocabulary(&self) -> Result<&Vocabulary, Error> {
        self.vocabulary.get_or_try_init(|| self.index.vocabulary()).await
    }

    /// The first rows that an expression finds in a range of rowids.
    async fn rowids(
        &self,
        names: &Names,
        expression: &str,
        max: usize,
        range: RangeInclusive<i64>,
    ) -> Result<Vec<i64>, Error> {
        let table = names.table;
        // As one value, for a thousand rows would cost more than finding them.
        let sql = format!(
            "SELECT json_group_array(rowid) FROM ( \
                 SELECT rowid FROM {table} WHERE {table} MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ? \
             )"
        );
        let found: String = sqlx::query_scalar(&sql)
            .bind(expression)
            .bind(range.start())
            .bind(range.end())
            .bind(i64::try_from(max).unwrap_or(i64::MAX))
            .fetch_one(&self.index.pool)
            .await?;
        serde_json::from_str(&found).map_err(|_| Error::Corrupt("the search tables"))
    }
}

/// Ids in the order of their stages, each once.
#[derive(Default)]
struct Hits {
    ids: Vec<i64>,
    seen: HashSet<i64>,
}

impl Hits {
    fn add(&mut self, rowids: &[i64]) {
        let new = rowids.iter().map(|rowid| rowid & ID_BITS).filter(|id| self.seen.insert(*id));
        self.ids.extend(new);
    }

    fn is_new(&self, rowid: i64) -> bool {
        !self.seen.contains(&(rowid & ID_BITS))
    }
}
