//! Lists of tracks in JSON that end with an error when they are too long, before all of them are in memory.
//! What a track is, is said by the format.

use std::fmt;
use std::marker::PhantomData;

use model::limits::mixtapes::TRACKS;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Reads a list of at most as many as a mixtape can have.
pub(crate) fn tracks<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(Tracks(PhantomData))
}

struct Tracks<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Tracks<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tracks")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut tracks = Vec::new();
        while let Some(track) = list.next_element()? {
            if tracks.len() >= TRACKS {
                return Err(A::Error::custom(format!("it has more than {TRACKS} tracks")));
            }
            tracks.push(track);
        }
        Ok(tracks)
    }
}
