//! How single reports become a list of jobs with their progress and failures, in plain Rust.
//! Where the reports come from and how the list looks is not known here.

use model::Progress;
use model::progress::{Status, Step};

/// One task as far as its reports tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The newest report.
    pub latest: Progress,
    /// Reports of what could not be made, oldest first.
    pub failures: Vec<Progress>,
}

impl Job {
    fn new(report: Progress) -> Self {
        let mut job = Self { latest: report.clone(), failures: Vec::new() };
        job.note_failure(report);
        job
    }

    /// Whether a report of this task begins it anew.
    fn ends_before(&self, report: &Progress) -> bool {
        report.run != self.latest.run || report.status == Status::Pending || self.latest.status.is_over()
    }

    fn note_failure(&mut self, report: Progress) {
        if matches!(report.step, Step::TrackFailed | Step::MixtapeFailed) && !self.failures.contains(&report) {
            let later = self.failures.partition_point(|failure| !failure.is_after(&report));
            self.failures.insert(later, report);
        }
    }
}

/// Something worth saying aloud: the beginning or the end of a job, not each of its tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The job has begun, or waits for its turn.
    Begun,
    /// The job is done.
    Completed,
    /// Nothing of the job could be done.
    Failed,
}

/// All jobs, the one that began last first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jobs(Vec<Job>);

impl Jobs {
    /// The jobs of which these are the newest reports, the newest first.
    #[must_use]
    pub fn new(latest: Vec<Progress>) -> Self {
        Self(latest.into_iter().map(Job::new).collect())
    }

    /// The jobs in order.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a report, which may have been heard before; answers what is worth saying.
    pub fn hear(&mut self, report: Progress) -> Option<Turn> {
        let known = self.0.iter().position(|job| job.latest.task_id == report.task_id);
        let status = report.status;
        let Some(index) = known else {
            self.0.insert(0, Job::new(report));
            return Some(turn(status).unwrap_or(Turn::Begun));
        };
        let job = &mut self.0[index];
        if !report.is_after(&job.latest) {
            job.note_failure(report);
            return None;
        }
        if job.ends_before(&report) {
            self.0.remove(index);
            self.0.insert(0, Job::new(report));
            return Some(turn(status).unwrap_or(Turn::Begun));
        }
        job.latest = report.clone();
        job.note_failure(report);
        turn(status)
    }
}

const fn turn(status: Status) -> Option<Turn> {
    match status {
        Status::Pending | Status::InProgress => None,
        Status::Completed => Some(Turn::Completed),
        Status::Failed => Some(Turn::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(task: &str, second: u32, step: Step, status: Status) -> Progress {
        Progress {
            id: u64::from(second),
            run: 1,
            task_id: task.to_owned(),
            step,
            status,
            message: format!("report {second}"),
            current: u64::from(second),
            total: 9,
            timestamp: format!("2026-04-12T19:42:{second:02}.000000Z"),
        }
    }

    fn pending(task: &str, second: u32) -> Progress {
        report(task, second, Step::Caching, Status::Pending)
    }

    fn cached(task: &str, second: u32) -> Progress {
        report(task, second, Step::TrackCached, Status::InProgress)
    }

    fn failed(task: &str, second: u32) -> Progress {
        report(task, second, Step::TrackFailed, Status::InProgress)
    }

    fn done(task: &str, second: u32) -> Progress {
        report(task, second, Step::Summary, Status::Completed)
    }

    /// What is shown: the task, the second of its newest report, the seconds of its failures.
    fn shown(jobs: &Jobs) -> Vec<(&str, u64, Vec<u64>)> {
        let failures = |job: &Job| job.failures.iter().map(|failure| failure.current).collect();
        jobs.iter().map(|job| (job.latest.task_id.as_str(), job.latest.current, failures(job))).collect()
    }

    #[test]
    fn a_job_is_told_of_when_it_begins_and_when_it_ends() {
        let mut jobs = Jobs::new(vec![]);
        assert_eq!(jobs.hear(pending("tape", 1)), Some(Turn::Begun));
        assert_eq!(jobs.hear(cached("tape", 2)), None);
        assert_eq!(jobs.hear(failed("tape", 3)), None);
        assert_eq!(jobs.hear(done("tape", 4)), Some(Turn::Completed));
        assert_eq!(shown(&jobs), [("tape", 4, vec![3])]);
        assert_eq!(jobs.hear(pending("tape", 5)), Some(Turn::Begun));
        assert_eq!(jobs.hear(report("tape", 6, Step::Summary, Status::Failed)), Some(Turn::Failed));
    }

    #[test]
    fn what_is_told_again_changes_nothing_and_brings_the_failures_that_were_missed() {
        // The page came with the newest report; the connection begins with all there were.
        let mut jobs = Jobs::new(vec![cached("tape", 5)]);
        let missed = [pending("tape", 1), failed("tape", 2), cached("tape", 3), failed("tape", 4), cached("tape", 5)];
        for _ in 0..2 {
            for report in missed.clone() {
                assert_eq!(jobs.hear(report), None);
            }
            assert_eq!(shown(&jobs), [("tape", 5, vec![2, 4])]);
        }
        // After a lost connection they may come in any order.
        let mut jobs = Jobs::new(vec![cached("tape", 5)]);
        jobs.hear(failed("tape", 4));
        jobs.hear(failed("tape", 2));
        assert_eq!(shown(&jobs), [("tape", 5, vec![2, 4])]);
    }

    #[test]
    fn a_failure_that_is_the_newest_report_of_all_is_among_the_failures() {
        let mut jobs = Jobs::new(vec![failed("tape", 5)]);
        jobs.hear(failed("tape", 5));
        assert_eq!(shown(&jobs), [("tape", 5, vec![5])]);
    }

    #[test]
    fn a_task_that_begins_again_forgets_its_failures_and_comes_first() {
        let mut jobs = Jobs::new(vec![cached("other", 3), done("tape", 2)]);
        jobs.hear(failed("tape", 1));
        assert_eq!(shown(&jobs), [("other", 3, vec![]), ("tape", 2, vec![1])]);
        assert_eq!(jobs.hear(pending("tape", 4)), Some(Turn::Begun));
        assert_eq!(shown(&jobs), [("tape", 4, vec![]), ("other", 3, vec![])]);
        // Its beginning was missed.
        jobs.hear(done("tape", 5));
        assert_eq!(jobs.hear(failed("tape", 6)), Some(Turn::Begun));
        assert_eq!(shown(&jobs)[0], ("tape", 6, vec![6]));
        // Taken up anew while it is at work.
        assert_eq!(jobs.hear(pending("tape", 7)), Some(Turn::Begun));
        assert_eq!(shown(&jobs)[0], ("tape", 7, vec![]));
    }

    #[test]
    fn jobs_at_work_stay_where_they_are() {
        let mut jobs = Jobs::new(vec![]);
        for report in [pending("a", 1), pending("b", 2), cached("a", 3), cached("b", 4), done("a", 5)] {
            jobs.hear(report);
        }
        assert_eq!(shown(&jobs), [("b", 4, vec![]), ("a", 5, vec![])]);
    }

    #[test]
    fn a_clock_that_is_put_back_hides_nothing() {
        let back = |report: Progress| Progress { timestamp: "2020-01-01T00:00:00.000000Z".to_owned(), ..report };
        let mut jobs = Jobs::new(vec![failed("tape", 1)]);
        assert_eq!(jobs.hear(back(failed("tape", 2))), None);
        assert_eq!(shown(&jobs), [("tape", 2, vec![1, 2])]);
        assert_eq!(jobs.hear(back(done("tape", 3))), Some(Turn::Completed));
        // The server was restarted, and its numbers begin at an earlier time.
        assert_eq!(jobs.hear(Progress { run: 0, ..back(cached("tape", 1)) }), Some(Turn::Begun));
        assert_eq!(shown(&jobs), [("tape", 1, vec![])]);
    }
}
