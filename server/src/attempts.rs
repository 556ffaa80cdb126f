//! How often somebody may try a password: five times a minute each, and a minute's limit for all together.
//! Whether a password is right is known to `library`, and whose address a request has to `peer`.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time in which attempts count.
const WINDOW: Duration = Duration::from_mins(1);

/// Attempts of one client in that time.
const PER_CLIENT: usize = 5;

/// Attempts of all clients in that time: a thousand machines must not guess a thousand times as fast.
const OF_ALL: usize = 60;

/// The attempts of the last minute. Those that were right are taken back.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    clients: HashMap<IpAddr, VecDeque<Instant>>,
    all: VecDeque<Instant>,
}

impl Attempts {
    /// Counts an attempt, before the password is looked at.
    ///
    /// # Errors
    /// How long to wait, when there were too many; then it does not count.
    pub fn begin(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let client = household(client);
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let State { clients, all } = &mut *state;
        forget_old(all, now);
        clients.retain(|_, times| {
            forget_old(times, now);
            !times.is_empty()
        });
        let times = clients.entry(client).or_default();
        for (times, most) in [(&*times, PER_CLIENT), (&*all, OF_ALL)] {
            if times.len() >= most
                && let Some(oldest) = times.front()
            {
                return Err((*oldest + WINDOW).saturating_duration_since(now));
            }
        }
        times.push_back(now);
        all.push_back(now);
        Ok(())
    }

    /// Takes back all attempts of a client who knew the password.
    pub fn succeeded(&self, client: IpAddr) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = state.clients.remove(&household(client)).map_or(0, |times| times.len());
        let left = state.all.len().saturating_sub(taken);
        state.all.truncate(left);
    }
}

fn forget_old(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|time| now.saturating_duration_since(*time) >= WINDOW) {
        times.pop_front();
    }
}

/// One customer has a whole network of IPv6 addresses, of which the first half is the same.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_sixth_attempt_in_a_minute_waits_for_the_first_to_be_forgotten() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        for second in 0..5 {
            assert_eq!(attempts.begin(address("192.0.2.1"), after(second)), Ok(()));
        }
        assert_eq!(attempts.begin(address("192.0.2.1"), after(10)), Err(Duration::from_secs(50)));
        assert_eq!(attempts.begin(address("::ffff:192.0.2.1"), after(10)), Err(Duration::from_secs(50)));
        assert_eq!(attempts.begin(address("192.0.2.2"), after(10)), Ok(()), "somebody else");
        assert_eq!(attempts.begin(address("192.0.2.1"), after(60)), Ok(()));
        assert_eq!(attempts.begin(address("192.0.2.1"), after(60)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn who_knows_the_password_starts_anew() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for _ in 0..20 {
            for _ in 0..5 {
                assert_eq!(attempts.begin(address("2001:db8::1"), now), Ok(()));
            }
            attempts.succeeded(address("2001:db8::2"));
        }
    }

    #[test]
    fn many_clients_together_are_slowed_down() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        let client = |n: usize| IpAddr::from([192, 0, 2, u8::try_from(n).unwrap()]);
        assert!((0..OF_ALL).all(|n| attempts.begin(client(n), now).is_ok()));
        assert_eq!(attempts.begin(client(OF_ALL), now), Err(WINDOW));
    }
}
