//! The progress of a long command, for a user at a terminal.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The time before the progress line appears. A faster command needs no line.
const SOON: Duration = Duration::from_secs(1);

/// A command's progress: a line on stderr, from its first second to its end.
///
/// The line is hidden if stderr is not a terminal, or if the output itself goes to the screen.
pub(super) struct Progress {
    begin: Option<Instant>,
    first: u64,
    end: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// The progress from sequence number `first` to the one before `end`.
    pub(super) fn new(first: u64, end: u64) -> Self {
        let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { begin: is_watched.then(Instant::now), first, end, bar: None }
    }

    /// Records that every sequence number before `next` is done.
    pub(super) fn reach(&mut self, next: u64) {
        if self.begin.is_none_or(|begin| begin.elapsed() < SOON) {
            return;
        }
        let total = self.end.saturating_sub(self.first);
        let bar = self.bar.get_or_insert_with(|| bar(total));
        bar.set_position(next.saturating_sub(self.first).min(total));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{pos} of {len} events, {eta} to go");
    // The template is a constant. If it were wrong, indicatif's default would be good enough.
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
