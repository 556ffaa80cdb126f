//! Damaged `Range` and conditional headers: whatever comes, the answer is one of those that there are, and every part
//! of it lies in the file.

#[allow(dead_code, reason = "the bytes of headers need less than those of files")]
#[path = "../../../audio/tests/mutations/mutate.rs"]
mod mutate;

use std::time::{Duration, UNIX_EPOCH};

use http::header::{self, HeaderMap, HeaderValue};
use mutate::mutate;
use server::media::conditional::{self, Validators};
use server::media::range::{MAX_RANGES, Selection, select};

const RANGES: [&str; 8] = [
    "bytes=0-499",
    "bytes=-500",
    "bytes=500-",
    "bytes=0-0,-1",
    "bytes=1-2,3-4, 5-6 ,7-",
    "bytes=0-,0-,0-",
    "items=0-1",
    "bytes=18446744073709551615-18446744073709551616",
];

const VALIDATORS: [&str; 6] = [
    "\"abc\"",
    "W/\"abc\"",
    "\"a\", \"b\" , W/\"abc\"",
    "*",
    "Tue, 14 Nov 2023 22:13:20 GMT",
    "Tuesday, 14-Nov-23 22:13:20 GMT",
];

fn mutations() -> u64 {
    std::env::var("MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000)
}

#[test]
fn parts_of_damaged_ranges_lie_in_the_file() {
    for seed in 0..mutations() {
        let damaged = mutate(RANGES[usize::try_from(seed).unwrap() % RANGES.len()].as_bytes(), seed);
        for length in [0, 1, 1000, u64::MAX] {
            if let Selection::Parts(parts) = select(Some(&damaged), length) {
                assert!(!parts.is_empty() && parts.len() <= MAX_RANGES, "{seed}");
                assert!(parts.iter().all(|part| part.start < part.end && part.end <= length), "{seed}: {parts:?}");
            }
        }
    }
}

#[test]
fn damaged_conditions_are_decided_and_decided_the_same_again() {
    let modified = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let now = Validators::new("\"abc\"".to_owned(), modified, modified + Duration::from_mins(1));
    let names = [
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
    ];
    for seed in 0..mutations() {
        let mut headers = HeaderMap::new();
        for (place, name) in (0..).zip(&names) {
            let number = seed * 5 + place;
            if number % 3 == 0 {
                continue;
            }
            let damaged = mutate(VALIDATORS[usize::try_from(number).unwrap() % VALIDATORS.len()].as_bytes(), number);
            if let Ok(value) = HeaderValue::from_bytes(&damaged) {
                headers.insert(name, value);
            }
        }
        let decided = (conditional::evaluate(&headers, &now), conditional::range_applies(&headers, &now));
        assert_eq!(
            decided,
            (conditional::evaluate(&headers, &now), conditional::range_applies(&headers, &now)),
            "{seed}"
        );
    }
}
