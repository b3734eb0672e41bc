//! How far a command is, for a person who waits.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nobody needs to be told of what takes less.
const SOON: Duration = Duration::from_secs(1);

/// How far a command is: a line on stderr, from its second second on, and gone at its end.
///
/// There is none where nobody looks, nor where the output itself is on the screen.
pub(super) struct Progress {
    begin: Option<Instant>,
    first: u64,
    end: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of numbers from `first` to the one before `end`.
    pub(super) fn new(first: u64, end: u64) -> Self {
        let is_watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { begin: is_watched.then(Instant::now), first, end, bar: None }
    }

    /// Takes note that everything before number `next` is done.
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
    // The template is a constant; were it wrong, indicatif's own would do.
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
