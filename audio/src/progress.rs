//! Reports of longer work, kept for whoever listens now or comes later (seed 004, "ProgressTracker").
//! What the work is and how a report reaches a browser is not known here.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::Progress;
use model::progress::{Status, Step};
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::sync::watch;

/// Reports kept of one task; a mixtape has hardly so many tracks.
const REPORTS: usize = 1000;

/// How long a finished task is remembered.
const REMEMBERED_FOR: Duration = Duration::from_mins(15);

/// A report with its number.
pub type Numbered = (u64, Progress);

/// Where tasks report and listeners listen.
#[derive(Debug)]
pub struct ProgressTracker {
    state: Mutex<State>,
    /// Told of every report.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    tasks: HashMap<String, Log>,
    next_number: u64,
    /// The first number.
    run: u64,
    is_closed: bool,
}

/// The reports of one task, oldest first.
#[derive(Debug, Default)]
struct Log {
    /// Which task of this id: a later one takes the place of an earlier one that may still be at work.
    run: u64,
    reports: VecDeque<Numbered>,
    finished: Option<Instant>,
}

impl Log {
    /// The first report with a higher number.
    fn after(&self, number: u64) -> Option<&Numbered> {
        self.reports.get(self.reports.partition_point(|(this, _)| *this <= number))
    }
}

impl Default for ProgressTracker {
    fn default() -> Self {
        // Microseconds since 1970: a listener who knows an earlier process is behind this one.
        let now = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000;
        let run = u64::try_from(now).unwrap_or(0);
        let state = State { tasks: HashMap::new(), next_number: run, run, is_closed: false };
        Self { state: Mutex::new(state), changed: watch::Sender::new(()) }
    }
}

impl ProgressTracker {
    /// Begins a task with so many items; what an earlier one of this id has reported is forgotten.
    #[must_use]
    pub fn create_task(self: &Arc<Self>, id: &str, total: u64) -> Task {
        let mut state = self.lock();
        state.tasks.retain(|_, log| log.finished.is_none_or(|finished| finished.elapsed() < REMEMBERED_FOR));
        let run = state.next_number;
        state.next_number += 1;
        state.tasks.insert(id.to_owned(), Log { run, ..Log::default() });
        drop(state);
        Task { tracker: Arc::clone(self), id: id.to_owned(), run, total, counts: Mutex::default(), is_over: false }
    }

    /// The last report of each task, the newest first.
    #[must_use]
    pub fn latest(&self) -> Vec<Progress> {
        let state = self.lock();
        let mut latest: Vec<_> = state.tasks.values().filter_map(|log| log.reports.back()).collect();
        latest.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        latest.into_iter().map(|(_, report)| report.clone()).collect()
    }

    /// Listens to one task, or to all, from the report after number `after` on. The task need not have begun.
    #[must_use]
    pub fn listen(self: &Arc<Self>, task: Option<&str>, after: u64) -> Listener {
        // A number from the future was counted by an earlier process, before the clock was put back.
        let after = if after < self.lock().next_number { after } else { 0 };
        let changed = self.changed.subscribe();
        Listener { tracker: Arc::clone(self), task: task.map(str::to_owned), after, changed }
    }

    /// Lets every listener go, for the server stops.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.send_replace(());
    }

    fn emit(&self, task: &Task, step: Step, status: Status, message: String, (current, total): (u64, u64)) {
        tracing::debug!(task = task.id, ?step, message, current, total, "progress");
        let mut state = self.lock();
        let (number, run) = (state.next_number, state.run);
        let Some(log) = state.tasks.get_mut(&task.id).filter(|log| log.run == task.run) else { return };
        if log.reports.len() == REPORTS {
            log.reports.pop_front();
        }
        let (task_id, timestamp) = (task.id.clone(), now());
        let report = Progress { id: number, run, task_id, step, status, message, current, total, timestamp };
        log.reports.push_back((number, report));
        log.finished = status.is_over().then(Instant::now);
        state.next_number += 1;
        drop(state);
        self.changed.send_replace(());
    }

    /// A panic elsewhere leaves the logs as they were between two reports.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// ISO 8601 with microseconds, as seed 004 shows, and with the zone that it leaves to guessing.
fn now() -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}

/// Hears the reports of a task, or of all.
#[derive(Debug)]
pub struct Listener {
    tracker: Arc<ProgressTracker>,
    task: Option<String>,
    after: u64,
    changed: watch::Receiver<()>,
}

impl Listener {
    /// Whether the task is over, known here, and told to the end.
    #[must_use]
    pub fn has_heard_all(&self) -> bool {
        let state = self.tracker.lock();
        let log = self.task.as_ref().and_then(|task| state.tasks.get(task));
        state.is_closed || log.is_some_and(|log| log.finished.is_some() && log.after(self.after).is_none())
    }

    /// The next report; none when the task is over.
    pub async fn next(&mut self) -> Option<Numbered> {
        loop {
            self.changed.borrow_and_update();
            if let Some((number, report)) = self.waiting() {
                self.after = number;
                return Some((number, report));
            }
            if self.has_heard_all() || self.changed.changed().await.is_err() {
                return None;
            }
        }
    }

    fn waiting(&self) -> Option<Numbered> {
        let state = self.tracker.lock();
        match &self.task {
            Some(task) => state.tasks.get(task)?.after(self.after).cloned(),
            None => state.tasks.values().filter_map(|log| log.after(self.after)).min_by_key(|report| report.0).cloned(),
        }
    }
}

/// A task that reports how its items fare (seed 004, "ProgressCallback"). Dropped before its end, it has failed.
#[derive(Debug)]
pub struct Task {
    tracker: Arc<ProgressTracker>,
    id: String,
    run: u64,
    total: u64,
    counts: Mutex<Counts>,
    is_over: bool,
}

/// How many items fared how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Begun.
    pub begun: u64,
    /// Made, and in the cache now.
    pub cached: u64,
    /// In need of nothing.
    pub skipped: u64,
    /// Not made.
    pub failed: u64,
}

impl Counts {
    const fn done(self) -> u64 {
        self.cached + self.skipped + self.failed
    }
}

impl Task {
    /// It waits for its turn.
    pub fn pending(&self) {
        self.emit(Step::Caching, Status::Pending, "Waiting for its turn".to_owned());
    }

    /// It begins with another item.
    pub fn begin_next(&self) {
        let begun = {
            let mut counts = self.lock();
            counts.begun += 1;
            counts.begun
        };
        self.emit(Step::Caching, Status::InProgress, format!("Caching track {begun} of {}", self.total));
    }

    /// An item is in the cache now.
    pub fn track_cached(&self, name: &str) {
        self.count(Step::TrackCached, |counts| counts.cached += 1, format!("{name} is ready"));
    }

    /// An item needed nothing, for this reason.
    pub fn track_skipped(&self, name: &str, reason: &str) {
        self.count(Step::TrackSkipped, |counts| counts.skipped += 1, format!("{name}: {reason}"));
    }

    /// An item could not be made, for this reason.
    pub fn track_failed(&self, name: &str, error: &str) {
        self.count(Step::TrackFailed, |counts| counts.failed += 1, format!("{name}: {error}"));
    }

    /// It is done.
    pub fn finish(mut self) -> Counts {
        self.is_over = true;
        let counts = *self.lock();
        let all_failed = counts.failed > 0 && counts.failed == self.total;
        let status = if all_failed { Status::Failed } else { Status::Completed };
        let mut words = vec![format!("{} made ready", tracks(counts.cached))];
        if counts.skipped > 0 {
            words.push(format!("{} needed nothing", counts.skipped));
        }
        if counts.failed > 0 {
            words.push(format!("{} failed", counts.failed));
        }
        self.emit(Step::Summary, status, words.join(", "));
        counts
    }

    /// How far work has come whose items are no tracks to be cached, so that it counts them itself.
    pub fn report(&self, step: Step, message: String, current: u64, total: u64) {
        self.tracker.emit(self, step, Status::InProgress, message, (current, total));
    }

    /// Such work is over.
    pub fn end(mut self, status: Status, message: String, items: u64) {
        self.is_over = true;
        self.tracker.emit(&self, Step::Summary, status, message, (items, items));
    }

    fn count(&self, step: Step, add: impl FnOnce(&mut Counts), message: String) {
        // Held while reporting, so that the numbers rise from one report to the next.
        let mut counts = self.lock();
        add(&mut counts);
        self.tracker.emit(self, step, Status::InProgress, message, (counts.done(), self.total));
    }

    fn emit(&self, step: Step, status: Status, message: String) {
        let counts = self.lock();
        self.tracker.emit(self, step, status, message, (counts.done(), self.total));
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if !self.is_over {
            self.emit(Step::Summary, Status::Failed, "The work was broken off".to_owned());
        }
    }
}

fn tracks(count: u64) -> String {
    if count == 1 { "1 track".to_owned() } else { format!("{count} tracks") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reports_are_counted_and_numbers_of_another_process_leave_nothing_out() {
        let tracker = Arc::<ProgressTracker>::default();
        let task = tracker.create_task("tape", 1);
        task.pending();
        task.track_cached("a");
        let (first, second) = {
            let mut listener = tracker.listen(Some("tape"), 0);
            (listener.next().await.unwrap().1, listener.next().await.unwrap().1)
        };
        assert!(second.is_after(&first) && !first.is_after(&second) && !first.is_after(&first));
        assert_eq!(tracker.listen(Some("tape"), first.id).next().await.unwrap().1, second);
        // The clock was an hour ahead when this number was given.
        let ahead = second.id + 3_600_000_000;
        assert_eq!(tracker.listen(Some("tape"), ahead).next().await.unwrap().1, first);
        assert_eq!(tracker.latest(), [second]);
    }
}
