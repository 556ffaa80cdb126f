//! Lists of many tapes: order, search and pages.

use model::{ListQuery, Mixtape, SortBy, SortOrder, Timestamp};

use crate::shelf::{NOW, Shelf, draft, track};

async fn titles(shelf: &Shelf, query: ListQuery) -> Vec<String> {
    shelf.store.list(&query).await.unwrap().mixtapes.into_iter().map(|tape| tape.title).collect()
}

async fn found(shelf: &Shelf, search: &str, deep: bool) -> Vec<String> {
    titles(shelf, ListQuery { search: search.into(), deep, sort_by: SortBy::Title, ..Default::default() }).await
}

#[tokio::test]
async fn tapes_are_sorted_by_what_the_owner_chooses_either_way() {
    let shelf = Shelf::new().await;
    for (minutes, (title, tracks)) in (0..).zip([("Vol. 10", 1), ("ärger", 3), ("vol 2", 2), ("Zucker", 2)]) {
        let names: Vec<_> = (0..tracks).map(|number| number.to_string()).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let checked = draft(title, &names).check().unwrap();
        shelf.store.save(&checked, None, Timestamp(NOW.0 + minutes * 60)).await.unwrap();
    }
    let first = shelf.store.mixtape(&"vol-10".parse().unwrap()).await.unwrap().unwrap();
    let (again, basis) = (draft("Vol. 10", &["other"]).check().unwrap(), crate::shelf::basis(&first));
    shelf.store.save(&again, Some(&basis), Timestamp(NOW.0 + 1000)).await.unwrap();
    for (sort_by, sort_order, expected) in [
        (SortBy::Title, None, ["ärger", "vol 2", "Vol. 10", "Zucker"]),
        (SortBy::Title, Some(SortOrder::Desc), ["Zucker", "Vol. 10", "vol 2", "ärger"]),
        (SortBy::CreatedAt, None, ["Zucker", "vol 2", "ärger", "Vol. 10"]),
        (SortBy::UpdatedAt, None, ["Vol. 10", "Zucker", "vol 2", "ärger"]),
        (SortBy::UpdatedAt, Some(SortOrder::Asc), ["ärger", "vol 2", "Zucker", "Vol. 10"]),
        (SortBy::TrackCount, None, ["ärger", "Zucker", "vol 2", "Vol. 10"]),
    ] {
        let query = ListQuery { sort_by, sort_order, ..Default::default() };
        assert_eq!(titles(&shelf, query).await, expected, "{sort_by:?} {sort_order:?}");
    }
}

#[tokio::test]
async fn words_are_found_in_titles_and_creators_and_when_asked_in_tracks() {
    let shelf = Shelf::new().await;
    let mut first = draft("Sommer in Köln", &["x"]);
    first.tracks[0].artist = "Björk".into();
    first.tracks[0].title = "Jóga".into();
    shelf.create(first).await.unwrap();
    let mut second = draft("100 % Wärme", &["y"]);
    second.creator_name = "Zoë".into();
    second.tracks[0].album = "Homogenic".into();
    shelf.create(second).await.unwrap();

    assert_eq!(found(&shelf, "", false).await.len(), 2);
    assert_eq!(found(&shelf, "KOLN", false).await, ["Sommer in Köln"]);
    assert_eq!(found(&shelf, "köln ada", false).await, ["Sommer in Köln"]);
    assert_eq!(found(&shelf, "zoe", false).await, ["100 % Wärme"]);
    assert!(found(&shelf, "bjork", false).await.is_empty());
    assert_eq!(found(&shelf, "bjork", true).await, ["Sommer in Köln"]);
    assert_eq!(found(&shelf, "joga somm", true).await, ["Sommer in Köln"]);
    assert_eq!(found(&shelf, "homogen", true).await, ["100 % Wärme"]);
    assert_eq!(found(&shelf, "%", false).await.len(), 0, "signs are no wildcards");
    assert!(found(&shelf, "bjork homogenic", true).await.is_empty(), "all words are on one tape");
    // What is no longer on the tape is not found.
    let tape = shelf.store.mixtape(&"sommer-in-köln".parse().unwrap()).await.unwrap().unwrap();
    shelf.update(&tape, draft("Winter", &["z"])).await.unwrap();
    assert!(found(&shelf, "bjork", true).await.is_empty() && found(&shelf, "sommer", true).await.is_empty());
}

#[tokio::test]
async fn thousands_of_tapes_come_in_pages_that_together_are_all() {
    let shelf = Shelf::new().await;
    for number in 0..2100_i64 {
        let mixtape = Mixtape {
            slug: format!("tape-{number}").parse().unwrap(),
            client_id: None,
            revision: model::Revision::default(),
            title: format!("Tape {number}"),
            creator_name: String::new(),
            liner_notes: "notes ".repeat(200),
            cover: None,
            gift: model::GiftSettings::default(),
            created_at: Timestamp(number),
            updated_at: Timestamp(number / 10),
            tracks: (0..=number % 5).map(|place| track(&format!("{number}-{place}"))).collect(),
        };
        shelf.store.take_in(&mixtape).await.unwrap();
    }
    for sort_by in [SortBy::Title, SortBy::CreatedAt, SortBy::UpdatedAt, SortBy::TrackCount] {
        let mut all = Vec::new();
        loop {
            let offset = u32::try_from(all.len()).unwrap();
            let query = ListQuery { sort_by, offset, limit: 500, ..Default::default() };
            let page = shelf.store.list(&query).await.unwrap();
            assert_eq!(page.count, 2100);
            if page.mixtapes.is_empty() {
                break;
            }
            all.extend(page.mixtapes.into_iter().map(|tape| tape.slug));
        }
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!((all.len(), distinct.len()), (2100, 2100), "{sort_by:?}");
    }
    let query = ListQuery { search: "tape 209".into(), sort_by: SortBy::Title, limit: 3, ..Default::default() };
    let page = shelf.store.list(&query).await.unwrap();
    assert_eq!((page.count, page.mixtapes[0].title.as_str()), (12, "Tape 209"));
    assert_eq!(page.mixtapes[1].title, "Tape 1209");
    let query = ListQuery { search: "2090-0".into(), deep: true, ..Default::default() };
    assert_eq!(shelf.store.list(&query).await.unwrap().count, 1);
}
