//! Who may hear a mixtape: what the owner chooses, and what that means for a listener at a certain time.
//! Passwords are checked in `library`, and never leave it; which addresses its audio has is in `media`.

use serde::{Deserialize, Serialize};

use crate::{Slug, Timestamp};

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
    /// Only the owner: it was never shared, or is not any more.
    #[serde(alias = "revoked")]
    Private,
}

impl ShareAccess {
    /// The name used in files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Password => "password",
            Self::Private => "private",
        }
    }

    /// The access with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            // As backups of earlier versions have it.
            "revoked" => Some(Self::Private),
            name => [Self::Public, Self::Password, Self::Private].into_iter().find(|access| access.name() == name),
        }
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
    #[serde(alias = "revoked")]
    Private,
}

/// A password is nothing for a log.
impl std::fmt::Debug for AccessChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Public => "Public",
            Self::Password(None) => "Password(as it is)",
            Self::Password(Some(_)) => "Password(a new one)",
            Self::Private => "Private",
        })
    }
}

/// A mixtape that was just shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The address that it has now.
    pub slug: Slug,
    /// How it is shared.
    pub sharing: Sharing,
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
    /// Nothing: for a listener there is no such tape.
    Private,
}

impl Sharing {
    /// How a new tape is shared: not at all, until its owner presses Share.
    pub const NEW: Self = Self { access: ShareAccess::Private, expires_at: None, downloads: false };

    /// How an imported tape without sharing settings is shared: with everybody who has the link.
    pub const IMPORTED: Self = Self { access: ShareAccess::Public, ..Self::NEW };

    /// Whether the owner lets only some listen, or only for some time.
    #[must_use]
    pub fn is_restricted(self) -> bool {
        self.access != ShareAccess::Public || self.expires_at.is_some()
    }

    /// What a listener gets now, who has shown to know the password or not.
    #[must_use]
    pub fn access_at(self, now: Timestamp, knows_password: bool) -> Access {
        match self.access {
            ShareAccess::Private => Access::Private,
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
    fn private_comes_before_expired_and_expired_before_the_password() {
        let end = Some(Timestamp(10));
        for (access, expires_at, now, knows, answer) in [
            (ShareAccess::Public, None, 99, false, Access::Open),
            (ShareAccess::Public, end, 9, false, Access::Open),
            (ShareAccess::Public, end, 10, true, Access::Expired),
            (ShareAccess::Password, None, 1, false, Access::NeedsPassword),
            (ShareAccess::Password, None, 1, true, Access::Open),
            (ShareAccess::Password, end, 11, true, Access::Expired),
            (ShareAccess::Private, end, 11, true, Access::Private),
        ] {
            let sharing = Sharing { access, expires_at, downloads: true };
            assert_eq!(sharing.access_at(Timestamp(now), knows), answer, "{sharing:?} at {now}");
        }
    }

    #[test]
    fn names_of_earlier_versions_are_understood() {
        assert_eq!(ShareAccess::named("revoked"), Some(ShareAccess::Private));
        assert_eq!(serde_json::from_str::<ShareAccess>("\"revoked\"").unwrap(), ShareAccess::Private);
        assert_eq!(serde_json::from_str::<AccessChange>("\"revoked\"").unwrap(), AccessChange::Private);
        assert_eq!(serde_json::to_string(&ShareAccess::Private).unwrap(), "\"private\"");
    }

    #[test]
    fn a_password_is_not_printed() {
        let change = AccessChange::Password(Some("geheim".into()));
        assert!(!format!("{change:?}").contains("geheim"));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"password":"geheim"}"#);
    }
}
