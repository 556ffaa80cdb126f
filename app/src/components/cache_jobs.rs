//! The jobs of the cache as they come on: the island of the owner's cache page.
//! How reports become jobs is decided in `jobs`.

use leptos::prelude::*;
use model::Progress;
use model::progress::{ALL_MIXTAPES, LIBRARY, RESTORE, Status};

use super::markup::escape;
use crate::browser::reports::{Heard, Reports};
use crate::browser::timer;
use crate::jobs::{Job, Jobs, Turn};

/// A connection that is back sooner was not missed: quiet ones are renewed every few minutes.
const GRACE_MILLIS: u32 = 6_000;

/// The page's figures are of before.
const NEWS: &str = r#"<p class="jobs-news"><a href="">Show the new figures</a></p>"#;

/// Jobs at work and jobs that are done, each with its progress and its failures.
#[island]
pub fn CacheJobs(
    /// The newest report of each task, the newest first.
    jobs: Vec<Progress>,
    /// Address and title of each mixtape.
    titles: Vec<(String, String)>,
    /// Where the reports come from.
    source: String,
) -> impl IntoView {
    let jobs = RwSignal::new(Jobs::new(jobs));
    let said = RwSignal::new(String::new());
    let trouble = RwSignal::new(None::<&'static str>);
    let has_news = RwSignal::new(false);
    let is_connected = StoredValue::new(true);
    let connection = StoredValue::new_local(None::<Reports>);
    let titles = StoredValue::new(titles);

    Effect::new(move || {
        let hear = move |heard| match heard {
            Heard::Value(report) => {
                let report: Progress = report;
                let (title, message) = (title_of(titles, &report.task_id), report.message.clone());
                let turn = jobs.try_update(|jobs| jobs.hear(report)).flatten();
                if let Some(words) = turn.map(|turn| spoken(turn, &title, &message)) {
                    said.set(words);
                }
                if turn.is_some_and(|turn| turn != Turn::Begun) {
                    has_news.set(true);
                }
            }
            Heard::Connected => {
                is_connected.set_value(true);
                trouble.set(None);
            }
            Heard::Interrupted => {
                is_connected.set_value(false);
                timer::after(GRACE_MILLIS, move || {
                    if is_connected.try_get_value() == Some(false) {
                        trouble.set(Some("The connection is lost. Trying again."));
                    }
                });
            }
            Heard::Ended => trouble.set(Some("The server sends no more news. Reload the page to see how far it is.")),
        };
        connection.set_value(Reports::listen(&source, hear));
    });

    let list = move || jobs.with(|jobs| list_of(jobs, titles)) + if has_news.get() { NEWS } else { "" };
    view! {
        <div class="jobs">
            <p class="away" role="status">{said}</p>
            <p class="jobs-trouble">{trouble}</p>
            <div inner_html=list></div>
        </div>
    }
    .into_any()
}

/// The list as markup: listeners load this code too, and views of its rows would weigh three times as much.
fn list_of(jobs: &Jobs, titles: StoredValue<Vec<(String, String)>>) -> String {
    if jobs.is_empty() {
        return r#"<p class="jobs-none">Nothing is at work.</p>"#.to_owned();
    }
    let rows: String = jobs.iter().map(|job| row(job, &title_of(titles, &job.latest.task_id))).collect();
    format!(r#"<ul class="jobs-list">{rows}</ul>"#)
}

fn row(job: &Job, title: &str) -> String {
    let Progress { status, message, current, total, .. } = &job.latest;
    let (title, message) = (escape(title), escape(message));
    let (mark, words) = match status {
        Status::Completed => (" is-over", "Done: "),
        Status::Failed => (" is-over", "Not done: "),
        Status::Pending | Status::InProgress => ("", ""),
    };
    let failures: String =
        job.failures.iter().map(|failure| ["<li>", &escape(&failure.message), "</li>"].concat()).collect();
    format!(
        r#"<li class="job{mark}"><h3 class="job-title">{title}</h3><p class="job-count">{current} of {total}</p>
<progress class="job-line" max="{total}" value="{current}" aria-label="{title}, done so far"></progress>
<p class="job-words">{words}{message}</p><ul class="job-failures">{failures}</ul></li>"#
    )
}

fn title_of(titles: StoredValue<Vec<(String, String)>>, task: &str) -> String {
    if task == ALL_MIXTAPES {
        return "All mixtapes".to_owned();
    }
    if task == LIBRARY {
        return "Music library".to_owned();
    }
    if task == RESTORE {
        return "Backup".to_owned();
    }
    let known =
        titles.with_value(|titles| titles.iter().find(|(slug, _)| slug == task).map(|(_, title)| title.clone()));
    known.unwrap_or_else(|| task.to_owned())
}

fn spoken(turn: Turn, title: &str, message: &str) -> String {
    match turn {
        Turn::Begun => format!("{title}: begun"),
        Turn::Completed => format!("{title}: done, {message}"),
        Turn::Failed => format!("{title}: not done, {message}"),
    }
}
