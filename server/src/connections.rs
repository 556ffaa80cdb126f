//! Limits the number of open connections, and decides which one is closed to make room for a new one.
//! What is sent over them is not known here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::limits::connections::NEW;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::rate_limit::network_of;

/// The open connections.
#[derive(Debug, Clone)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// One permit for each connection that may be open; a connection that was asked to close holds its own until it is
    /// gone.
    permits: Arc<Semaphore>,
    /// Connections of one network that count as its fair share.
    share: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    last_id: u64,
    connections: HashMap<u64, Arc<Activity>>,
    of_network: HashMap<IpAddr, usize>,
}

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// The client may send a request, or the rest of its head.
    AwaitsRequest,
    /// The client owes the rest of a request body.
    AwaitsBody,
    /// The server owes a response.
    Working,
    /// A response is on its way.
    Responding,
}

/// How busy one connection is.
#[derive(Debug)]
pub struct Activity {
    /// `None` for a proxy, which stands for many clients.
    network: Option<IpAddr>,
    opened: Instant,
    /// When bytes were last sent or received, in milliseconds since it was opened.
    last_progress: AtomicU64,
    phase: AtomicU8,
    /// Whether the client has to take bytes before more can be written.
    is_blocked: AtomicBool,
    closing: Notify,
}

impl Activity {
    fn new(network: Option<IpAddr>, now: Instant) -> Self {
        let (last_progress, phase) = (AtomicU64::new(0), AtomicU8::new(Phase::AwaitsRequest as u8));
        Self { network, opened: now, last_progress, phase, is_blocked: AtomicBool::new(false), closing: Notify::new() }
    }

    /// Bytes were sent or received.
    pub fn progressed(&self, now: Instant) {
        let since = now.saturating_duration_since(self.opened).as_millis();
        self.last_progress.store(u64::try_from(since).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The client has to take bytes before more can be written, or has done so.
    pub fn set_blocked(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::Relaxed);
    }

    /// Enters a phase.
    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn is_in(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }

    /// Whether the connection can be closed without losing a request or a response.
    #[must_use]
    pub fn awaits_request(&self) -> bool {
        self.is_in(Phase::AwaitsRequest) && !self.is_blocked.load(Ordering::Relaxed)
    }

    fn idle(&self, now: Instant) -> Duration {
        let last = self.opened + Duration::from_millis(self.last_progress.load(Ordering::Relaxed));
        now.saturating_duration_since(last)
    }

    /// The order of closing: connections whose client has to send something, then responses in transit, last those
    /// whose client waits for a response. A client that has just connected is not expected to have sent anything yet.
    fn rank(&self, now: Instant) -> u8 {
        if self.is_in(Phase::Working) { 2 } else { u8::from(self.is_in(Phase::Responding) || self.idle(now) < NEW) }
    }
}

impl Connections {
    /// Lets so many connections be open at once. A quarter of them is a network's fair share: it may have more while
    /// there is room.
    #[must_use]
    pub fn limited_to(most: usize) -> Self {
        let (permits, share) = (Arc::new(Semaphore::new(most.max(1))), (most / 4).max(1));
        Self(Arc::new(Inner { permits, share, open: Mutex::default() }))
    }

    /// Admits a connection. If there are too many, the one that has been idle longest is closed first. A trusted proxy
    /// has no share, because it stands for many clients.
    pub async fn admit(&self, address: IpAddr, is_proxy: bool, now: Instant) -> Admission {
        let permits = Arc::clone(&self.0.permits);
        let permit = if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            Some(permit)
        } else {
            self.close_one(now);
            // Never closed itself, so there is always one.
            permits.acquire_owned().await.ok()
        };
        let network = (!is_proxy).then(|| network_of(address));
        let activity = Arc::new(Activity::new(network, now));
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.last_id += 1;
        let id = open.last_id;
        open.connections.insert(id, Arc::clone(&activity));
        if let Some(network) = network {
            *open.of_network.entry(network).or_default() += 1;
        }
        Admission { connections: self.clone(), id, activity, _permit: permit }
    }

    /// Closes the connection that has been idle longest, when a system resource runs out.
    pub fn close_one(&self, now: Instant) {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).close_one(self.0.share, now);
    }
}

impl Open {
    fn close_one(&mut self, share: usize, now: Instant) {
        let within_share = |activity: &Activity| {
            let count = activity.network.and_then(|network| self.of_network.get(&network));
            count.is_none_or(|count| *count <= share)
        };
        let worth =
            |activity: &Activity| (activity.rank(now), within_share(activity), std::cmp::Reverse(activity.idle(now)));
        let least = self.connections.iter().min_by_key(|(_, activity)| worth(activity)).map(|(id, _)| *id);
        let Some(activity) = least.and_then(|id| self.remove(id)) else { return };
        tracing::debug!(network = ?activity.network, "too many connections; the one that was idle longest is closed");
        activity.closing.notify_one();
    }

    fn remove(&mut self, id: u64) -> Option<Arc<Activity>> {
        let activity = self.connections.remove(&id)?;
        if let Some(network) = activity.network
            && let Some(count) = self.of_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                self.of_network.remove(&network);
            }
        }
        Some(activity)
    }
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub struct Admission {
    connections: Connections,
    id: u64,
    activity: Arc<Activity>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Admission {
    /// How busy it is.
    #[must_use]
    pub const fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Completes when the connection has to be closed to make room for another.
    pub async fn closed(&self) {
        self.activity.closing.notified().await;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections.0.open.lock().unwrap_or_else(PoisonError::into_inner).remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    /// Connections that end when they are asked to, as those of the server do.
    struct Open(Vec<Option<Admission>>);

    impl Open {
        async fn several(connections: &Connections, of: &[(u8, bool)], now: Instant) -> Self {
            let mut open = Vec::new();
            for (last, is_proxy) in of {
                open.push(Some(connections.admit(address(*last), *is_proxy, now).await));
            }
            Self(open)
        }

        fn activity(&self, number: usize) -> &Activity {
            self.0[number].as_ref().unwrap().activity()
        }

        /// Admits another, and returns which ones had to be closed for it.
        async fn admit(&mut self, connections: &Connections, last: u8, now: Instant) -> usize {
            let mut admitting = std::pin::pin!(connections.admit(address(last), false, now));
            let closed = tokio::select! {
                biased;
                _ = admitting.as_mut() => panic!("there was room"),
                number = self.closed() => number,
            };
            self.0[closed] = None;
            self.0.push(Some(admitting.await));
            closed
        }

        async fn closed(&self) -> usize {
            let open = self.0.iter().enumerate().filter_map(|(number, admission)| Some((number, admission.as_ref()?)));
            let closing = open.map(|(number, admission)| {
                Box::pin(async move {
                    admission.closed().await;
                    number
                }) as Pin<Box<dyn Future<Output = usize> + '_>>
            });
            futures_util::future::select_all(closing).await.0
        }
    }

    #[tokio::test]
    async fn whoever_owes_bytes_longest_makes_place_for_a_new_connection() {
        let (connections, start) = (Connections::limited_to(4), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let of = [0, 1, 2, 3].map(|last| (last, false));
        let mut open = Open::several(&connections, &of, start).await;
        open.activity(0).enter(Phase::Working);
        open.activity(1).enter(Phase::Responding);
        open.activity(2).enter(Phase::AwaitsBody);
        open.activity(2).progressed(after(5));
        assert_eq!(open.admit(&connections, 4, after(10)).await, 3);
        assert_eq!(open.admit(&connections, 5, after(10)).await, 2, "it has sent something since");
        // Those that have just come may send their request; a listener who has paused makes place for them.
        assert_eq!(open.admit(&connections, 6, after(10)).await, 1);
        assert!(open.admit(&connections, 7, after(10)).await > 3, "whoever waits for an answer comes last");
        drop(open);
        let open = connections.0.open.lock().unwrap();
        assert!(open.connections.is_empty() && open.of_network.is_empty());
        assert_eq!(connections.0.permits.available_permits(), 4);
    }

    #[tokio::test]
    async fn a_network_keeps_more_than_its_share_only_while_there_is_room() {
        let (connections, start) = (Connections::limited_to(8), Instant::now());
        let later = start + Duration::from_mins(1);
        let of = [(1, false), (1, false), (3, true), (3, true), (3, true), (2, false), (2, false), (2, false)];
        let mut open = Open::several(&connections, &of, start).await;
        for number in 0..of.len() {
            open.activity(number).enter(Phase::Responding);
            if number >= 5 {
                open.activity(number).progressed(later);
            }
        }
        assert!(open.admit(&connections, 4, later).await >= 5, "three of one network are more than a quarter");
        // Now that no network exceeds its share, the longest idle connection is closed.
        assert!(open.admit(&connections, 5, later).await < 5);
    }

    #[tokio::test]
    async fn addresses_of_one_ipv6_network_share_and_what_is_blocked_is_not_idle() {
        let (connections, start) = (Connections::limited_to(8), Instant::now());
        let mut open = Vec::new();
        for last in 0..5_u16 {
            let address = IpAddr::from([0x2001, 0xdb8, 0, 0, last, 0, 0, 1]);
            open.push(connections.admit(address, false, start).await);
        }
        assert_eq!(connections.0.open.lock().unwrap().of_network.len(), 1);
        assert!(open[0].activity().awaits_request());
        open[0].activity().set_blocked(true);
        assert!(!open[0].activity().awaits_request());
    }
}
