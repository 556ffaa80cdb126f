//! What the owner's new mixtapes begin with, kept among the settings.
//! Applying it to a new tape is done by the editor.

use model::Preferences;

use crate::{Error, Store};

const KEY: &str = "preferences";

impl Store {
    /// The owner's preferences, the usual ones if none were set.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn preferences(&self) -> Result<Preferences, Error> {
        let Some(stored) = self.setting(KEY).await? else { return Ok(Preferences::default()) };
        serde_json::from_str(&stored).map_err(|_| Error::Corrupt("the preferences"))
    }

    pub(crate) async fn has_preferences(&self) -> Result<bool, Error> {
        Ok(self.setting(KEY).await?.is_some())
    }

    /// Sets them.
    ///
    /// # Errors
    /// [`Error::Draft`] for a name that is too long, or when the database fails.
    pub async fn set_preferences(&self, preferences: Preferences) -> Result<(), Error> {
        let stored = serde_json::to_string(&preferences.check()?).map_err(|_| Error::Corrupt("the preferences"))?;
        self.set_setting(KEY, &stored).await
    }
}
