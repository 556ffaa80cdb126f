//! How far the tracks of a tape are made ready for its listeners, as the reports tell after a save, in plain Rust.
//! Where the reports come from and how they look is not known here.

use model::Progress;
use model::progress::{Status, Step};

/// What has been heard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Readiness {
    latest: Option<Progress>,
    log: Vec<Progress>,
}

impl Readiness {
    /// Takes a report, which may have been heard before. Work that begins anew begins a new log.
    pub fn hear(&mut self, report: Progress) {
        if let Some(latest) = &self.latest {
            if !report.is_after(latest) {
                return;
            }
            if report.run != latest.run || report.status == Status::Pending || latest.status.is_over() {
                self.log.clear();
            }
        }
        if matches!(report.step, Step::TrackCached | Step::TrackSkipped | Step::TrackFailed) {
            self.log.push(report.clone());
        }
        self.latest = Some(report);
    }

    /// What has become of each track so far, in the order in which that happened.
    #[must_use]
    pub fn log(&self) -> &[Progress] {
        &self.log
    }

    /// How many items are done, and of how many.
    #[must_use]
    pub fn done(&self) -> Option<(u64, u64)> {
        self.latest.as_ref().map(|latest| (latest.current, latest.total))
    }

    /// How it ended.
    #[must_use]
    pub fn summary(&self) -> Option<&str> {
        self.latest.as_ref().filter(|latest| latest.status.is_over()).map(|latest| latest.message.as_str())
    }

    /// How far it is, in few words; none while nothing is to be done.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let latest = self.latest.as_ref()?;
        let failed = self.log.iter().filter(|report| report.step == Step::TrackFailed).count();
        Some(match (latest.status, failed) {
            (Status::Pending, _) => "Waiting to be made ready".to_owned(),
            (Status::InProgress, _) => format!("Making it ready, {} of {}", latest.current, latest.total),
            (Status::Failed, _) => "It could not be made ready".to_owned(),
            (Status::Completed, 0) => "Ready to be heard".to_owned(),
            (Status::Completed, 1) => "Ready, but for 1 track".to_owned(),
            (Status::Completed, failed) => format!("Ready, but for {failed} tracks"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(second: u32, step: Step, status: Status) -> Progress {
        Progress {
            id: u64::from(second),
            run: 1,
            task_id: "tape".to_owned(),
            step,
            status,
            message: format!("report {second}"),
            current: u64::from(second),
            total: 9,
            timestamp: format!("2026-02-12T10:00:{second:02}.000000Z"),
        }
    }

    fn heard(reports: &[(u32, Step, Status)]) -> Readiness {
        let mut readiness = Readiness::default();
        for (second, step, status) in reports {
            readiness.hear(report(*second, *step, *status));
        }
        readiness
    }

    #[test]
    fn reports_become_words_and_a_log() {
        use Status::{Completed, InProgress, Pending};
        assert_eq!(Readiness::default().words(), None);
        let mut work =
            vec![(1, Step::Caching, Pending), (2, Step::Caching, InProgress), (3, Step::TrackCached, InProgress)];
        assert_eq!(heard(&work[..1]).words().as_deref(), Some("Waiting to be made ready"));
        assert_eq!(heard(&work).words().as_deref(), Some("Making it ready, 3 of 9"));
        work.push((4, Step::TrackFailed, InProgress));
        // Heard again after a broken connection.
        work.push((3, Step::TrackCached, InProgress));
        let at_work = heard(&work);
        assert_eq!((at_work.log().len(), at_work.done(), at_work.summary()), (2, Some((4, 9)), None));
        work.push((5, Step::Summary, Completed));
        assert_eq!(heard(&work).words().as_deref(), Some("Ready, but for 1 track"));
        assert_eq!(heard(&work).summary(), Some("report 5"));
        work.push((6, Step::Caching, Pending));
        assert_eq!(heard(&work).log(), []);
        assert_eq!(heard(&[(1, Step::Summary, Completed)]).words().as_deref(), Some("Ready to be heard"));
    }

    #[test]
    fn a_tape_that_is_saved_again_while_at_work_begins_anew() {
        let work = [
            (1, Step::TrackCached, Status::InProgress),
            (2, Step::Caching, Status::Pending),
            (3, Step::TrackCached, Status::InProgress),
        ];
        assert_eq!(heard(&work).log().len(), 1);
    }

    #[test]
    fn a_clock_that_is_put_back_hides_nothing() {
        let mut readiness = heard(&[(1, Step::Caching, Status::Pending), (2, Step::TrackCached, Status::InProgress)]);
        let back = |report: Progress| Progress { timestamp: "2020-01-01T00:00:00.000000Z".to_owned(), ..report };
        readiness.hear(back(report(3, Step::TrackCached, Status::InProgress)));
        assert_eq!((readiness.log().len(), readiness.done()), (2, Some((3, 9))));
        // The server was restarted, and its numbers begin at an earlier time.
        readiness.hear(Progress { run: 0, ..back(report(1, Step::TrackFailed, Status::InProgress)) });
        assert_eq!((readiness.log().len(), readiness.done()), (1, Some((1, 9))));
    }
}
