//! Limits password attempts: a few a minute for each client and purpose, and a queue for all clients together.
//! Passwords are checked in `library`, and the client's address is found in `peer`.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::Slug;
use model::limits::password_attempts::{BURST, CLIENTS, INTERVAL, LONGEST_DELAY, PER_ADDRESS, PER_CLIENT, WINDOW};

/// What an attempt is for. Attempts for one purpose never count for another, and neither does a success.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The owner's password.
    OwnerSignIn,
    /// The password of one mixtape.
    Mixtape(Slug),
    /// Which addresses of mixtapes there are.
    MixtapeAddress,
}

impl Purpose {
    /// Attempts of one client within [`WINDOW`].
    const fn per_client(&self) -> usize {
        match self {
            Self::OwnerSignIn | Self::Mixtape(_) => PER_CLIENT,
            Self::MixtapeAddress => PER_ADDRESS,
        }
    }
}

/// Whose attempts are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Client {
    /// An IPv4 address, or a /64 network of IPv6.
    Network(IpAddr),
    /// A browser that has signed in before, by the hash of its token. It does not wait behind other clients, and they
    /// cannot use up its attempts.
    KnownBrowser([u8; 32]),
}

impl Client {
    /// The client at this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self::Network(network_of(address))
    }
}

/// Counts the attempts of the last minute.
#[derive(Debug, Default)]
pub struct PasswordRateLimiter(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// The times of attempts, oldest first.
    attempts: HashMap<(Purpose, Client), VecDeque<Instant>>,
    /// When the attempts of all clients would have ended, had each taken [`INTERVAL`] (the generic cell rate
    /// algorithm); a purpose without an entry has had none of late.
    theoretical_arrival: HashMap<Purpose, Instant>,
}

impl PasswordRateLimiter {
    /// Counts an attempt, and waits until it may be made. Under a flood from many addresses that takes some seconds.
    ///
    /// # Errors
    /// How long to wait before the next attempt, if this one may not be made; then it does not count.
    pub async fn wait_turn(&self, purpose: &Purpose, client: &Client) -> Result<(), Duration> {
        let delay = self.start(purpose, client, Instant::now())?;
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// Counts an attempt, before the password is looked at, and answers how long it has to wait.
    ///
    /// # Errors
    /// As for [`wait_turn`](Self::wait_turn).
    pub fn start(&self, purpose: &Purpose, client: &Client, now: Instant) -> Result<Duration, Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.check(purpose, client, now)?;
        let delay = match client {
            Client::Network(_) => state.queue(purpose, now)?,
            Client::KnownBrowser(_) => Duration::ZERO,
        };
        state.count(purpose, client, now);
        Ok(delay)
    }

    /// Whether an attempt may be made; it does not count.
    ///
    /// # Errors
    /// How long to wait, when this client has used up its attempts.
    pub fn check(&self, purpose: &Purpose, client: &Client, now: Instant) -> Result<(), Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.check(purpose, client, now)
    }

    /// Counts an attempt that was made.
    pub fn count(&self, purpose: &Purpose, client: &Client, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.count(purpose, client, now);
    }

    /// Clears the attempts of a client who knew the password, for this purpose alone.
    pub fn succeeded(&self, purpose: &Purpose, client: &Client) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = state.attempts.remove(&(purpose.clone(), client.clone())).map_or(0, |times| times.len());
        if let (Client::Network(_), Some(arrival)) = (client, state.theoretical_arrival.get_mut(purpose)) {
            let time = INTERVAL * u32::try_from(forgotten).unwrap_or(u32::MAX);
            *arrival = arrival.checked_sub(time).unwrap_or(*arrival);
        }
    }
}

impl State {
    fn check(&mut self, purpose: &Purpose, client: &Client, now: Instant) -> Result<(), Duration> {
        let Some(times) = self.attempts.get_mut(&(purpose.clone(), client.clone())) else { return Ok(()) };
        forget_old(times, now);
        match times.front() {
            Some(oldest) if times.len() >= purpose.per_client() => {
                Err((*oldest + WINDOW).saturating_duration_since(now))
            }
            _ => Ok(()),
        }
    }

    /// The delay of the next attempt of any client; an error when the queue is full.
    fn queue(&mut self, purpose: &Purpose, now: Instant) -> Result<Duration, Duration> {
        let arrival = self.theoretical_arrival.get(purpose).map_or(now, |arrival| (*arrival).max(now)) + INTERVAL;
        let delay = arrival.saturating_duration_since(now).saturating_sub(INTERVAL * BURST);
        if delay > LONGEST_DELAY {
            return Err(delay.saturating_sub(LONGEST_DELAY));
        }
        self.make_room(now);
        self.theoretical_arrival.insert(purpose.clone(), arrival);
        Ok(delay)
    }

    fn count(&mut self, purpose: &Purpose, client: &Client, now: Instant) {
        self.make_room(now);
        self.attempts.entry((purpose.clone(), client.clone())).or_default().push_back(now);
    }

    /// Forgets what counts no more, and if that is not enough, the oldest. Attempts at the owner's password stay: the
    /// queue lets no more than two hundred into a window.
    fn make_room(&mut self, now: Instant) {
        if self.attempts.len() >= CLIENTS {
            self.attempts.retain(|_, times| {
                forget_old(times, now);
                !times.is_empty()
            });
        }
        if self.attempts.len() >= CLIENTS {
            let others = self.attempts.iter().filter(|((purpose, _), _)| *purpose != Purpose::OwnerSignIn);
            if let Some(oldest) = others.min_by_key(|(_, times)| times.back().copied()).map(|(key, _)| key.clone()) {
                self.attempts.remove(&oldest);
            }
        }
        if self.theoretical_arrival.len() >= CLIENTS {
            self.theoretical_arrival.retain(|_, arrival| *arrival > now);
        }
        if self.theoretical_arrival.len() >= CLIENTS {
            let others = self.theoretical_arrival.iter().filter(|(purpose, _)| **purpose != Purpose::OwnerSignIn);
            if let Some(soonest) = others.min_by_key(|(_, arrival)| **arrival).map(|(purpose, _)| purpose.clone()) {
                self.theoretical_arrival.remove(&soonest);
            }
        }
    }
}

fn forget_old(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|time| now.saturating_duration_since(*time) >= WINDOW) {
        times.pop_front();
    }
}

/// One customer has a whole /64 network of IPv6 addresses.
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        Client::at(text.parse().unwrap())
    }

    fn numbered(number: usize) -> Client {
        Client::at(IpAddr::from(u32::try_from(number).unwrap().to_be_bytes()))
    }

    fn mixtape(slug: &str) -> Purpose {
        Purpose::Mixtape(slug.parse().unwrap())
    }

    const OWNER: Purpose = Purpose::OwnerSignIn;
    const AT_ONCE: Result<Duration, Duration> = Ok(Duration::ZERO);

    #[test]
    fn the_sixth_attempt_in_a_minute_waits_for_the_first_to_be_forgotten() {
        let (limiter, start) = (PasswordRateLimiter::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        for second in 0..5 {
            assert_eq!(limiter.start(&OWNER, &client("192.0.2.1"), after(second)), AT_ONCE);
        }
        let refused = Err(Duration::from_secs(50));
        assert_eq!(limiter.start(&OWNER, &client("192.0.2.1"), after(10)), refused);
        assert_eq!(limiter.start(&OWNER, &client("::ffff:192.0.2.1"), after(10)), refused);
        assert_eq!(limiter.start(&OWNER, &client("192.0.2.2"), after(10)), AT_ONCE, "somebody else");
        assert_eq!(limiter.start(&OWNER, &client("192.0.2.1"), after(60)), AT_ONCE);
        assert_eq!(limiter.start(&OWNER, &client("192.0.2.1"), after(60)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn a_success_forgets_the_attempts_of_its_own_purpose_alone() {
        let (limiter, now) = (PasswordRateLimiter::default(), Instant::now());
        let (here, there) = (client("2001:db8::1"), client("2001:db8::2"));
        assert_eq!(here, there, "one network");
        for _ in 0..40 {
            for _ in 0..5 {
                assert_eq!(limiter.start(&OWNER, &here, now), AT_ONCE);
            }
            limiter.succeeded(&OWNER, &there);
        }
        let (rain, tea) = (mixtape("rain"), mixtape("tea"));
        for purpose in [&OWNER, &rain] {
            for _ in 0..5 {
                assert_eq!(limiter.start(purpose, &here, now), AT_ONCE);
            }
        }
        assert_eq!(limiter.start(&tea, &here, now), AT_ONCE);
        limiter.succeeded(&tea, &here);
        for purpose in [&OWNER, &rain] {
            assert_eq!(limiter.start(purpose, &here, now), Err(WINDOW), "{purpose:?}");
        }
    }

    #[test]
    fn many_clients_wait_in_a_short_queue_which_moves_on() {
        let (limiter, now) = (PasswordRateLimiter::default(), Instant::now());
        let burst = BURST as usize;
        assert!((0..burst).all(|number| limiter.start(&OWNER, &numbered(number), now) == AT_ONCE));
        let queued: Vec<_> = (0..6).map(|number| limiter.start(&OWNER, &numbered(burst + number), now)).collect();
        let seconds = |seconds| Duration::from_secs(seconds);
        assert_eq!(queued[..5], [1, 2, 3, 4, 5].map(|second| Ok(seconds(second))));
        assert_eq!(queued[5], Err(seconds(1)));
        assert_eq!(limiter.start(&OWNER, &numbered(burst + 5), now + seconds(1)), Ok(seconds(5)), "it was not counted");
        // A mixtape has a queue of its own, and a browser that has signed in before does not wait at all.
        assert_eq!(limiter.start(&mixtape("rain"), &numbered(0), now), AT_ONCE);
        let known = Client::KnownBrowser([7; 32]);
        assert!((0..5).all(|_| limiter.start(&OWNER, &known, now) == AT_ONCE));
        assert_eq!(limiter.start(&OWNER, &known, now), Err(WINDOW));
    }

    #[test]
    fn unknown_addresses_of_mixtapes_are_counted_once_they_are_known_to_be_unknown() {
        let (limiter, now) = (PasswordRateLimiter::default(), Instant::now());
        let (purpose, guest) = (Purpose::MixtapeAddress, client("192.0.2.1"));
        for _ in 0..PER_ADDRESS {
            assert_eq!(limiter.check(&purpose, &guest, now), Ok(()));
            limiter.count(&purpose, &guest, now);
        }
        assert_eq!(limiter.check(&purpose, &guest, now), Err(WINDOW));
        assert_eq!(limiter.check(&purpose, &client("192.0.2.2"), now), Ok(()));
        assert_eq!(limiter.start(&OWNER, &guest, now), AT_ONCE);
        assert_eq!(limiter.check(&purpose, &guest, now + WINDOW), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_the_owners_attempts_are_kept() {
        let (limiter, now) = (PasswordRateLimiter::default(), Instant::now());
        let guest = numbered(0);
        for _ in 0..PER_CLIENT {
            assert_eq!(limiter.start(&OWNER, &guest, now), AT_ONCE);
        }
        for number in 0..CLIENTS + 100 {
            let _ = limiter.start(&mixtape(&format!("tape-{number}")), &numbered(number), now);
            limiter.count(&Purpose::MixtapeAddress, &numbered(number), now);
        }
        assert_eq!(limiter.start(&OWNER, &guest, now), Err(WINDOW));
        let state = limiter.0.lock().unwrap();
        assert!(state.attempts.len() <= CLIENTS && state.theoretical_arrival.len() <= CLIENTS);
    }
}
