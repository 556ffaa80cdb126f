//! What the owner's new mixtapes begin with.
//! Keeping it is the business of `library`.

use serde::{Deserialize, Serialize};

use crate::draft::DraftError;
use crate::mixtape::one_line;
use crate::{GiftSettings, Mixtape};

/// What a new mixtape begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Who makes the tapes; may be empty.
    pub creator_name: String,
    /// How they are given away.
    pub gift: GiftSettings,
}

impl Preferences {
    /// Tidies the name and checks its length.
    ///
    /// # Errors
    /// [`DraftError::LongCreator`].
    pub fn check(self) -> Result<Self, DraftError> {
        let creator_name = one_line(&self.creator_name);
        match creator_name.chars().count() {
            length if length > Mixtape::CREATOR_MAX => Err(DraftError::LongCreator(length)),
            _ => Ok(Self { creator_name, ..self }),
        }
    }
}
