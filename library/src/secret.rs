//! Session tokens, which a browser gets after entering a password, and random words.
//! What they open is decided by the owner's sessions and by the sharing of mixtapes.

use std::fmt;
use std::marker::PhantomData;

use rand::Rng;
use rand::seq::IndexedRandom;
use sha2::{Digest, Sha256};

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
    pub(crate) fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.text).into()
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
