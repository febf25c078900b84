//! Counts since the start, as Prometheus reads them.

use std::{
    fmt::Write,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use http::StatusCode;

/// The upper ends of the classes of answer times, in milliseconds.
const CLASSES_MS: [u64; 8] = [1, 5, 10, 25, 100, 500, 2_000, 10_000];

/// What one process did so far.
#[derive(Debug, Default)]
pub struct Numbers {
    running: AtomicI64,
    by_status: [AtomicU64; 6],
    by_time: [AtomicU64; CLASSES_MS.len()],
    answered: AtomicU64,
    micros: AtomicU64,
}

impl Numbers {
    /// A request came in.
    pub fn begin(&self) {
        self.running.fetch_add(1, Relaxed);
    }

    /// It was answered.
    pub fn end(&self, status: StatusCode, took: Duration) {
        self.running.fetch_sub(1, Relaxed);
        self.answered.fetch_add(1, Relaxed);
        let class = usize::from(status.as_u16() / 100).min(5);
        self.by_status[class].fetch_add(1, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Relaxed);
        if let Some(class) = CLASSES_MS.iter().position(|ms| micros <= ms * 1000) {
            self.by_time[class].fetch_add(1, Relaxed);
        }
    }

    /// The Prometheus text format, 0.0.4.
    pub fn text(&self) -> String {
        let mut text = String::from("# TYPE eventsphere_requests_running gauge\n");
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "eventsphere_requests_running {}",
            self.running.load(Relaxed)
        );
        text.push_str("# TYPE eventsphere_requests_total counter\n");
        for (class, count) in self.by_status.iter().enumerate().skip(1) {
            let _ = writeln!(
                text,
                "eventsphere_requests_total{{status=\"{class}xx\"}} {}",
                count.load(Relaxed)
            );
        }
        self.write_times(&mut text);
        text
    }

    fn write_times(&self, text: &mut String) {
        text.push_str("# TYPE eventsphere_request_milliseconds histogram\n");
        let mut below = 0;
        for (ms, count) in CLASSES_MS.iter().zip(&self.by_time) {
            below += count.load(Relaxed);
            let _ = writeln!(
                text,
                "eventsphere_request_milliseconds_bucket{{le=\"{ms}\"}} {below}"
            );
        }
        let answered = self.answered.load(Relaxed);
        let _ = writeln!(
            text,
            "eventsphere_request_milliseconds_bucket{{le=\"+Inf\"}} {answered}"
        );
        let _ = writeln!(
            text,
            "eventsphere_request_milliseconds_sum {}",
            self.micros.load(Relaxed) / 1000
        );
        let _ = writeln!(text, "eventsphere_request_milliseconds_count {answered}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slower_classes_contain_the_faster_ones() {
        let numbers = Numbers::default();
        for ms in [0, 3, 40_000] {
            numbers.begin();
            numbers.end(StatusCode::OK, Duration::from_millis(ms));
        }
        let text = numbers.text();
        assert!(text.contains("running 0\n"), "{text}");
        assert!(text.contains("total{status=\"2xx\"} 3\n"), "{text}");
        assert!(
            text.contains("le=\"1\"} 1\n") && text.contains("le=\"5\"} 2\n"),
            "{text}"
        );
        assert!(
            text.contains("le=\"10000\"} 2\n") && text.contains("le=\"+Inf\"} 3\n"),
            "{text}"
        );
    }
}
