//! Secrets: passwords as they are kept, and the tokens that a browser gets once it has shown to know one.
//! What they open is decided by the owner's sessions and by the sharing of mixtapes.

use std::fmt;
use std::marker::PhantomData;

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rand::Rng;
use rand::seq::IndexedRandom;
use sha2::{Digest, Sha256};

use crate::Error;

/// A secret for a cookie: 32 random bytes as 64 hexadecimal digits. `For` says what it opens.
pub struct Token<For> {
    text: String,
    opens: PhantomData<For>,
}

impl<For> Token<For> {
    pub(crate) fn random() -> Self {
        Self { text: hex::encode(rand::rng().random::<[u8; 32]>()), opens: PhantomData }
    }

    /// The text for the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Reads a token back from a cookie; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| Self { text: text.to_owned(), opens: PhantomData })
    }

    /// Only the hash is stored: who reads the database cannot come in with it.
    pub(crate) fn hash(&self) -> Vec<u8> {
        Sha256::digest(&self.text).to_vec()
    }
}

/// A secret is nothing for a log.
impl<For> fmt::Debug for Token<For> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Letters and digits that cannot be taken for each other: about 5 bits each.
pub(crate) fn readable(count: usize) -> String {
    const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..count).filter_map(|_| SIGNS.choose(&mut random).map(|sign| char::from(*sign))).collect()
}

/// Argon2id with the crate's defaults (19 MiB, 2 passes), as OWASP recommends; slow on purpose, so off the
/// async threads.
pub(crate) async fn hash_password(password: String) -> Result<String, Error> {
    on_pool(move || {
        let salt = SaltString::generate(&mut OsRng);
        Argon2::default()
            .hash_password(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(Error::Password)
    })
    .await
}

pub(crate) async fn is_password(password: String, stored: String) -> Result<bool, Error> {
    on_pool(move || {
        let hash = PasswordHash::new(&stored).map_err(Error::Password)?;
        match Argon2::default().verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::Password) => Ok(false),
            Err(error) => Err(Error::Password(error)),
        }
    })
    .await
}

async fn on_pool<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Corrupt("the password check")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hexadecimal_tokens_are_looked_up() {
        assert!(Token::<()>::parse(&"a1".repeat(32)).is_some());
        for text in ["", "a1", &"g".repeat(64), &"a".repeat(65)] {
            assert!(Token::<()>::parse(text).is_none(), "{text}");
        }
    }
}
