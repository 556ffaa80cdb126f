//! The owner's shelf: what a list of mixtapes shows of each, and what can be asked of the list.
//! Finding and sorting is done in `library`.

use serde::{Deserialize, Serialize};

use crate::{Millis, Sharing, Slug, Timestamp};

/// What a list of mixtapes shows of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixtapeSummary {
    /// Its address.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Who made it; may be empty.
    pub creator_name: String,
    /// The cover's file name below `/covers/`.
    pub cover: Option<String>,
    /// How many tracks it has.
    pub track_count: u64,
    /// The sum of the known track lengths.
    pub total: Millis,
    /// How it is shared.
    pub sharing: Sharing,
    /// How many tracks were started on its pages, by anybody.
    pub plays: u64,
    /// When it was first saved.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// When it was deleted, if it was.
    pub deleted_at: Option<Timestamp>,
}

/// Which mixtapes are wanted, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    /// Words that must be in the title or the creator's name, or inside of words there; empty for all tapes.
    pub search: String,
    /// The words may also be in the titles, artists and albums of the tracks.
    pub deep: bool,
    /// What the order goes by.
    pub sort_by: SortBy,
    /// Which way it goes; without, the way that is usual for it.
    pub sort_order: Option<SortOrder>,
    /// How many tapes stand before the wanted ones.
    pub offset: u32,
    /// How many are wanted at most.
    pub limit: u32,
}

impl Default for ListQuery {
    fn default() -> Self {
        let (search, sort_by) = (String::new(), SortBy::UpdatedAt);
        Self { search, deep: false, sort_by, sort_order: None, offset: 0, limit: 48 }
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// Their titles as people sort them: neither case nor accents count, and numbers go by their value.
    Title,
    /// When they were first saved.
    CreatedAt,
    /// When they were last saved.
    #[default]
    UpdatedAt,
    /// How many tracks they have.
    TrackCount,
}

impl SortBy {
    /// The usual way: titles from A on, times from the newest, counts from the largest.
    #[must_use]
    pub const fn usual_order(self) -> SortOrder {
        match self {
            Self::Title => SortOrder::Asc,
            Self::CreatedAt | Self::UpdatedAt | Self::TrackCount => SortOrder::Desc,
        }
    }
}

/// Which way a list goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// Some of the mixtapes of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MixtapePage {
    /// The wanted ones.
    pub mixtapes: Vec<MixtapeSummary>,
    /// How many there are on all pages.
    pub count: u64,
}
