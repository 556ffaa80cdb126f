//! Who may hear a mixtape: what the owner chooses, and what that means for a listener at a certain time.
//! Passwords are checked in `library`, and never leave it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How a mixtape is shared, as the owner sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Who may hear it.
    pub access: ShareAccess,
    /// From then on nobody may.
    pub expires_at: Option<Timestamp>,
    /// Whether listeners may take the files with them.
    pub downloads: bool,
}

/// Who may hear a mixtape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShareAccess {
    /// Whoever has the link.
    Public,
    /// Whoever has the link and knows the password.
    Password,
    /// Nobody but the owner.
    Revoked,
}

impl ShareAccess {
    /// The name used in files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Password => "password",
            Self::Revoked => "revoked",
        }
    }

    /// The access with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Public, Self::Password, Self::Revoked].into_iter().find(|access| access.name() == name)
    }
}

/// How the owner wants a mixtape to be shared from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharingChange {
    /// Who may hear it.
    pub access: AccessChange,
    /// From then on nobody may.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Whether listeners may take the files with them.
    #[serde(default)]
    pub downloads: bool,
}

/// Who may hear a mixtape from now on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccessChange {
    /// Whoever has the link; the password is forgotten.
    Public,
    /// Whoever has the link and knows this password; without one, the password stays as it is.
    Password(Option<String>),
    /// Nobody but the owner; the password is kept for later.
    Revoked,
}

/// A password is nothing for a log.
impl std::fmt::Debug for AccessChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Public => "Public",
            Self::Password(None) => "Password(as it is)",
            Self::Password(Some(_)) => "Password(a new one)",
            Self::Revoked => "Revoked",
        })
    }
}

/// What a listener with the link gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// The tape.
    Open,
    /// A question for the password.
    NeedsPassword,
    /// Word that the tape was shared until a date that has passed.
    Expired,
    /// Word that the tape is not shared any more.
    Revoked,
}

impl Sharing {
    /// How a new tape is shared: with whoever has the link, to be heard and not to be kept.
    pub const NEW: Self = Self { access: ShareAccess::Public, expires_at: None, downloads: false };

    /// What a listener gets now, who has shown to know the password or not.
    #[must_use]
    pub fn access_at(self, now: Timestamp, knows_password: bool) -> Access {
        match self.access {
            ShareAccess::Revoked => Access::Revoked,
            _ if self.expires_at.is_some_and(|end| end <= now) => Access::Expired,
            ShareAccess::Password if !knows_password => Access::NeedsPassword,
            ShareAccess::Password | ShareAccess::Public => Access::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revoked_comes_before_expired_and_expired_before_the_password() {
        let end = Some(Timestamp(10));
        for (access, expires_at, now, knows, answer) in [
            (ShareAccess::Public, None, 99, false, Access::Open),
            (ShareAccess::Public, end, 9, false, Access::Open),
            (ShareAccess::Public, end, 10, true, Access::Expired),
            (ShareAccess::Password, None, 1, false, Access::NeedsPassword),
            (ShareAccess::Password, None, 1, true, Access::Open),
            (ShareAccess::Password, end, 11, true, Access::Expired),
            (ShareAccess::Revoked, end, 11, true, Access::Revoked),
        ] {
            let sharing = Sharing { access, expires_at, downloads: true };
            assert_eq!(sharing.access_at(Timestamp(now), knows), answer, "{sharing:?} at {now}");
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let change = AccessChange::Password(Some("geheim".into()));
        assert!(!format!("{change:?}").contains("geheim"));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"password":"geheim"}"#);
    }
}
