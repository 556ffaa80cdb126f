//! Rendered liner notes that are kept in memory: each text is rendered once, however many people look at it at once.
//! What rendering means is decided in the module above.

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use lru::LruCache;
use model::limits::notes::KEPT;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;

use super::{to_html, to_plain};
use crate::Error;

/// How long the summary may be, in characters.
const SUMMARY_CHARS: usize = 200;

/// Liner notes as listeners see them.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Safe HTML.
    pub html: String,
    /// The first words without mark-up, for link previews.
    pub summary: String,
}

/// By the hash of the text, so that a revision with other notes is another entry.
type Cache = LruCache<[u8; 32], Arc<OnceCell<Arc<Rendered>>>>;

static CACHE: LazyLock<Mutex<Cache>> =
    LazyLock::new(|| Mutex::new(LruCache::new(NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN))));

/// Renders liner notes on a thread that may block, or returns the earlier result.
///
/// # Errors
/// [`Error::WorkBroken`] if that thread is gone.
pub async fn render(markdown: &str) -> Result<Arc<Rendered>, Error> {
    let key: [u8; 32] = Sha256::digest(markdown).into();
    let entry = {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cache.get_or_insert(key, Arc::default))
    };
    let rendered = entry.get_or_try_init(|| async {
        let markdown = markdown.to_owned();
        let work = move || Rendered { html: to_html(&markdown), summary: to_plain(&markdown, SUMMARY_CHARS) };
        tokio::task::spawn_blocking(work).await.map(Arc::new).map_err(|_| Error::WorkBroken)
    });
    rendered.await.cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_same_notes_are_rendered_once_also_for_many_at_once() {
        let notes = "*once* & for all";
        let (one, two, three) = tokio::join!(render(notes), render(notes), render(notes));
        let one = one.unwrap();
        assert_eq!(
            (one.html.as_str(), one.summary.as_str()),
            ("<p><em>once</em> &amp; for all</p>\n", "once & for all")
        );
        for other in [two, three, render(notes).await] {
            assert!(Arc::ptr_eq(&one, &other.unwrap()));
        }
        assert_eq!(render("else").await.unwrap().html, "<p>else</p>\n");
    }
}
