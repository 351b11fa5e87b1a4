//! A sign of life for long scans, on a terminal only.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A scan that is over sooner shows nothing.
const DELAY: Duration = Duration::from_millis(500);

/// Counts files on standard error.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    shown: AtomicBool,
}

impl Progress {
    /// Shows progress when `wanted`, on a terminal, outside of CI.
    pub(super) fn new(wanted: bool) -> Self {
        let shows = wanted && io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let bar = shows.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} files scanned, {per_sec}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, started: Instant::now(), shown: AtomicBool::new(false) }
    }

    /// One more file.
    pub(super) fn tick(&self) {
        let Some(bar) = &self.bar else { return };
        if self.started.elapsed() > DELAY && !self.shown.swap(true, Ordering::Relaxed) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.inc(1);
    }

    /// Clears the line.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
