//! Which stored password hashes are computed: one names its own parameters, and one that somebody else has made can ask
//! for all memory or for hours. Making and comparing them is done a module above.

use argon2::password_hash::PasswordHash;
use argon2::{Algorithm, Params, Version};
use model::limits::password_hashes as limits;

/// Whether this is an Argon2id hash within [`model::limits::password_hashes`].
#[must_use]
pub(crate) fn is_within_limits(stored: &str) -> bool {
    if stored.len() > limits::TEXT_BYTES {
        return false;
    }
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    let is_argon2id = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version.is_none_or(|version| Version::try_from(version).is_ok());
    let params = Params::try_from(&hash).is_ok_and(|params| {
        params.m_cost() <= limits::MEMORY_KIB
            && params.t_cost() <= limits::PASSES
            && params.p_cost() <= limits::PARALLELISM
    });
    is_argon2id && params && hash.salt.is_some() && hash.hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_that_would_take_all_memory_or_hours_are_not_computed() {
        let usual = super::super::hash_password("sesame".to_owned()).await.unwrap();
        assert!(is_within_limits(&usual), "{usual}");
        assert!(is_within_limits(&usual.replace("m=19456,t=2,p=1", "m=65536,t=8,p=4")));
        for (from, to) in [
            ("m=19456", "m=4294967295"),
            ("m=19456", "m=65537"),
            ("t=2", "t=9"),
            ("t=2", "t=400000000"),
            ("p=1", "p=5"),
            ("p=1", "p=16777215"),
            ("argon2id", "argon2i"),
            ("argon2id", "scrypt"),
            ("v=19", "v=99"),
            ("$argon2id", "argon2id"),
        ] {
            let other = usual.replace(from, to);
            assert!(other != usual && !is_within_limits(&other), "{other}");
            // Also what is in the database already is not computed.
            assert!(!super::super::is_password("sesame".to_owned(), other).await.unwrap());
        }
        assert!(!is_within_limits("") && !is_within_limits(&"$".repeat(100_000)));
        assert!(!is_within_limits("$argon2id$v=19$m=19456,t=2,p=1"));
    }
}
