//! Passwords as they are kept: Argon2id, computed on one thread whose memory is used again. What a password opens is
//! decided by the owner's sessions and by the sharing of mixtapes.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{Output, PasswordHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use model::limits::password_hashes::WAITING;
use tokio::sync::{Semaphore, oneshot};

use crate::Error;

mod parameters;

pub(crate) use parameters::is_within_limits;

/// How long the memory is kept for the next password, once there was one.
const KEPT: Duration = Duration::from_mins(1);

/// The queue of each kind of password: a flood of listeners' passwords delays the owner, and never more.
static OWNERS: Semaphore = Semaphore::const_new(WAITING);
static LISTENERS: Semaphore = Semaphore::const_new(WAITING);

type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The thread that hashes, one password at a time: each takes 19 MiB, which the allocator would keep once for every
/// thread that had it. It is started with the first password.
static THREAD: LazyLock<io::Result<Sender<Job>>> = LazyLock::new(|| {
    let (sender, jobs) = mpsc::channel();
    thread::Builder::new().name("passwords".to_owned()).spawn(move || work_off(&jobs))?;
    Ok(sender)
});

fn work_off(jobs: &Receiver<Job>) {
    let mut memory = Memory::new();
    loop {
        match jobs.recv_timeout(KEPT) {
            Ok(job) => {
                // If this ends, the callers see that the sender was dropped.
                if catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
                    memory = Memory::new();
                }
                // A password from a backup may have needed more than ours do.
                memory.truncate(Params::DEFAULT.block_count());
                memory.shrink_to_fit();
            }
            Err(RecvTimeoutError::Timeout) => memory = Memory::new(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Hashes a new password with the crate's defaults (19 MiB, 2 passes), as OWASP recommends.
///
/// # Errors
/// [`Error::Busy`] when too many passwords wait.
pub(crate) async fn hash_password(password: String) -> Result<String, Error> {
    on_thread(&OWNERS, move |memory| {
        let salt = SaltString::generate(&mut OsRng);
        let params = Params::DEFAULT;
        let output =
            compute(password.as_bytes(), salt.as_salt(), (Algorithm::Argon2id, Version::V0x13), &params, memory)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&params).try_into()?,
            salt: Some(salt.as_salt()),
            hash: Some(output),
        };
        Ok(hash.to_string())
    })
    .await
}

/// Whether this is the password of a mixtape with this hash.
///
/// # Errors
/// [`Error::Busy`] when too many passwords wait, or when the hash cannot be read.
pub(crate) async fn is_password(password: String, stored: String) -> Result<bool, Error> {
    on_thread(&LISTENERS, move |memory| verify(password.as_bytes(), &stored, memory)).await
}

/// Whether this is the owner's password.
///
/// # Errors
/// As for [`is_password`].
pub(crate) async fn is_owners_password(password: String, stored: String) -> Result<bool, Error> {
    on_thread(&OWNERS, move |memory| verify(password.as_bytes(), &stored, memory)).await
}

fn verify(password: &[u8], stored: &str, memory: &mut Memory) -> argon2::password_hash::Result<bool> {
    if !is_within_limits(stored) {
        tracing::error!("a stored password hash has parameters that are not computed; set the password anew");
        return Ok(false);
    }
    let hash = PasswordHash::new(stored)?;
    let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm)?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let params = Params::try_from(&hash)?;
    // A comparison in constant time.
    Ok(compute(password, salt, (algorithm, version), &params, memory)? == expected)
}

fn compute(
    password: &[u8],
    salt: Salt<'_>,
    (algorithm, version): (Algorithm, Version),
    params: &Params,
    memory: &mut Memory,
) -> argon2::password_hash::Result<Output> {
    let mut salt_bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut salt_bytes)?;
    memory.resize(params.block_count().max(memory.len()), Block::new());
    let argon2 = Argon2::new(algorithm, version, params.clone());
    Output::init_with(params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN), |output| {
        Ok(argon2.hash_password_into_with_memory(password, salt, output, &mut memory[..params.block_count()])?)
    })
}

async fn on_thread<T: Send + 'static>(
    queue: &'static Semaphore,
    work: impl FnOnce(&mut Memory) -> argon2::password_hash::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let place = queue.try_acquire().map_err(|_| Error::Busy)?;
    let (sender, answer) = oneshot::channel();
    let job: Job = Box::new(move |memory| {
        // Held until the work is done, also when the receiver was dropped.
        let _place = place;
        if !sender.is_closed() {
            let _ = sender.send(work(memory));
        }
    });
    let gone = |_| Error::Corrupt("the password check");
    THREAD.as_ref().map_err(|_| Error::Busy)?.send(job).map_err(|_| Error::Corrupt("the password check"))?;
    answer.await.map_err(gone)?.map_err(Error::Password)
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    #[tokio::test]
    async fn hashes_are_those_of_the_crate_in_both_directions() {
        let ours = hash_password("rain".to_owned()).await.unwrap();
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(Argon2::default().verify_password(b"rain", &parsed).is_ok());
        let salt = SaltString::generate(&mut OsRng);
        for (memory, passes) in [(64, 1), (19_456, 2), (32_768, 3)] {
            let argon2 =
                Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory, passes, 1, None).unwrap());
            let theirs = argon2.hash_password(b"tea", &salt).unwrap().to_string();
            assert!(is_password("tea".to_owned(), theirs.clone()).await.unwrap(), "{theirs}");
            assert!(!is_owners_password("rain".to_owned(), theirs).await.unwrap());
        }
        assert!(!is_password("tea".to_owned(), "no hash".to_owned()).await.unwrap());
        assert!(!is_password("rain!".to_owned(), ours).await.unwrap());
    }

    #[tokio::test]
    async fn more_passwords_than_may_wait_in_a_queue_are_refused() {
        static QUEUE: Semaphore = Semaphore::const_new(2);
        let (release, wait) = mpsc::channel::<()>();
        let first = tokio::spawn(on_thread(&QUEUE, move |_| {
            let _ = wait.recv();
            Ok(())
        }));
        let second = tokio::spawn(on_thread(&QUEUE, |_| Ok(())));
        while QUEUE.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(on_thread(&QUEUE, |_| Ok(())).await, Err(Error::Busy)));
        drop(release);
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        on_thread(&QUEUE, |_| Ok(())).await.unwrap();
    }
}
