//! Log and position of a service, which outlast every error of a file.
//!
//! A write is tried until it succeeds or the service stops. Between attempts the driver keeps
//! the events; so an error of a file costs only events that the ring overwrites meanwhile, and
//! the driver names those.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sessionwatch_reader::Position;
use sessionwatch_reader::time::SystemTime;
use thiserror::Error;

use crate::clock::Clock;
use crate::entry::Entry;
use crate::error::FileError;
use crate::files::Files;
use crate::log::{Bounds, Log, Rewind};
use crate::position::{KeepPosition, PositionFile, SetAside};
use crate::summary::POSITION_FILE;
use crate::surroundings::{Surroundings, Trouble};

/// The time until the second attempt. Each later one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest time between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// The time after which a file ends if old files expire: no file can expire before it ends.
const FILE_AGE: Duration = Duration::from_hours(24);

/// Why events were not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unwritten {
    /// The service stops.
    #[error("the service stops")]
    Stopped,
    /// The log lost earlier events: continue at [`Keeper::begin`].
    #[error("the log lost earlier events")]
    Rewound,
}

/// The settings of a keeper.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of log and position.
    pub folder: PathBuf,
    /// The size of the log.
    pub bounds: Bounds,
    /// The age at which a file of the log is removed; `None` for never.
    pub keep: Option<Duration>,
}

/// Log and position of a service.
pub struct Keeper {
    surroundings: Arc<dyn Surroundings>,
    settings: Settings,
    state: Mutex<State>,
}

struct State {
    log: Log,
    file: PositionFile,
    /// The position behind the last event in the log; the file may keep an older one.
    position: Option<Position>,
    /// True until the reader of the driver continues at an earlier position.
    is_rewound: bool,
    interruption: Option<Interruption>,
    unsaved: Option<Trouble>,
    shown: Option<Trouble>,
    clock: Clock,
    /// The monotonic time at which the current file was opened or begun.
    begun: Duration,
    /// The dropped session changes that an entry has counted.
    dropped: u64,
}

/// The time in which the log cannot be written.
#[derive(Clone)]
struct Interruption {
    trouble: Trouble,
    attempts: u64,
}

impl Keeper {
    /// Opens log and position. Waits out every error of a file.
    ///
    /// # Errors
    ///
    /// [`Unwritten::Stopped`].
    pub fn open(
        files: &Arc<dyn Files>,
        settings: Settings,
        surroundings: Arc<dyn Surroundings>,
    ) -> Result<Self, Unwritten> {
        let mut interruption: Option<Interruption> = None;
        let mut set_aside = None;
        let (mut log, file, rewind) = wait_out(&*surroundings, || {
            let now = surroundings.now();
            open(files, &settings, &mut set_aside, now).map_err(|error| {
                let trouble =
                    note(&mut interruption, &FileError::log(&settings.folder, error), now);
                surroundings.show(Some(&trouble));
            })
        })?;
        if let Some(SetAside { renamed_to, reason }) = set_aside {
            log.note(&Entry::PositionSetAside { time: surroundings.now(), renamed_to, reason });
        }
        let clock = Clock::new(&*surroundings);
        let shown = interruption.as_ref().map(|interruption| interruption.trouble.clone());
        let mut state = State {
            log,
            position: file.kept().cloned(),
            file,
            is_rewound: false,
            interruption,
            unsaved: None,
            shown,
            clock,
            begun: surroundings.monotonic(),
            dropped: 0,
        };
        if let Some(rewind) = &rewind {
            state.rewind(rewind);
        }
        Ok(Self { surroundings, settings, state: Mutex::new(state) })
    }

    /// The position at which to read the driver, if one is known.
    #[must_use]
    pub fn begin(&self) -> Option<Position> {
        let mut state = self.state();
        state.is_rewound = false;
        state.position.clone()
    }

    /// Writes lines of the driver's events, and returns when they are on the disk.
    ///
    /// # Errors
    ///
    /// If the service stops, or the log has lost earlier events, which come first.
    pub fn write_events(&self, lines: &[u8]) -> Result<(), Unwritten> {
        wait_out(&*self.surroundings, || {
            let mut state = self.state();
            let outcome = self.attempt(&mut state, |state| !state.is_rewound, lines);
            if state.is_rewound { Ok(Err(Unwritten::Rewound)) } else { outcome.map(Ok) }
        })?
    }

    /// Writes lines of the service's own, and returns when they are on the disk.
    ///
    /// # Errors
    ///
    /// [`Unwritten::Stopped`].
    pub fn write(&self, lines: &[u8]) -> Result<(), Unwritten> {
        wait_out(&*self.surroundings, || self.attempt(&mut self.state(), |_| true, lines))
    }

    /// Does what time demands: looks for damage, saves the position, removes old files. Call it
    /// every few seconds.
    pub fn tick(&self) {
        let mut state = self.state();
        let now = self.surroundings.now();
        if let Some(keep) = self.settings.keep
            && let Err(error) = self.expire(&mut state, keep, now)
        {
            state.fail(&FileError::log(&self.settings.folder, error), now);
        }
        let dropped = self.surroundings.dropped_changes();
        let is_due = |state: &State| {
            state.log.has_entries()
                || state.interruption.is_some()
                || state.clock.has_stepped()
                || dropped > state.dropped
        };
        // It is tried again at the next tick.
        let _ = self.attempt(&mut state, is_due, b"");
        state.save(now);
        self.show(&mut state);
    }

    /// Ends a file after a day, and removes the files that are too old.
    fn expire(&self, state: &mut State, keep: Duration, now: SystemTime) -> io::Result<()> {
        let monotonic = self.surroundings.monotonic();
        if monotonic.saturating_sub(state.begun) >= FILE_AGE {
            let position = state.position.clone();
            state.log.end_file(position.as_ref(), now)?;
            state.begun = monotonic;
        }
        match std::time::SystemTime::now().checked_sub(keep) {
            Some(before) => state.log.expire(before, now),
            None => Ok(()),
        }
    }

    /// Tries to write, once, unless `is_due` says otherwise after the log was checked.
    fn attempt(
        &self,
        state: &mut State,
        is_due: impl FnOnce(&State) -> bool,
        lines: &[u8],
    ) -> Result<(), ()> {
        let now = self.surroundings.now();
        state.clock.look(&*self.surroundings);
        let position = state.position.clone();
        let outcome = match state.log.check(position.as_ref(), now) {
            Ok(rewind) => {
                if let Some(rewind) = &rewind {
                    state.rewind(rewind);
                }
                if !is_due(state) {
                    return Ok(());
                }
                self.append(state, lines, now)
            }
            Err(error) => Err(error),
        };
        let outcome =
            outcome.map_err(|error| state.fail(&FileError::log(&self.settings.folder, error), now));
        self.show(state);
        outcome
    }

    /// Appends lines behind the entries about what happened before them.
    fn append(&self, state: &mut State, lines: &[u8], now: SystemTime) -> io::Result<()> {
        let dropped = self.surroundings.dropped_changes();
        if state.interruption.is_none() && dropped > state.dropped {
            let reason = "too many session changes waited".to_owned();
            let trouble = Trouble { since: now, reason };
            state.interruption = Some(Interruption { trouble, attempts: 0 });
        }
        let mut content = Vec::new();
        if let Some(by_ms) = state.clock.step_ms() {
            content.extend(Entry::ClockStepped { time: now, by_ms }.line());
        }
        if let Some(Interruption { trouble, attempts }) = state.interruption.clone() {
            let entry = Entry::WriteInterrupted {
                time: now,
                since: trouble.since,
                reason: trouble.reason,
                attempts,
                session_changes_lost: dropped.saturating_sub(state.dropped),
            };
            content.extend(entry.line());
        }
        content.extend_from_slice(lines);
        state.log.append(&content, state.position.as_ref(), now)?;
        state.clock.acknowledge();
        if state.interruption.take().is_some() {
            state.dropped = dropped;
        }
        Ok(())
    }

    /// Shows the trouble, if it is another than before.
    fn show(&self, state: &mut State) {
        let interruption = state.interruption.as_ref().map(|of| of.trouble.clone());
        let rotation = state.log.rotation_error().map(|reason| Trouble {
            since: state.shown.as_ref().map_or(self.surroundings.now(), |shown| shown.since),
            reason: format!("cannot begin a new file of the log: {reason}"),
        });
        let trouble = interruption.or_else(|| state.unsaved.clone()).or(rotation);
        if trouble != state.shown {
            self.surroundings.show(trouble.as_ref());
            state.shown = trouble;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KeepPosition for &Keeper {
    fn kept(&self) -> Option<Position> {
        self.begin()
    }

    /// Never fails: a position that cannot be saved now is saved later.
    fn keep(&mut self, position: Position) -> Result<(), FileError> {
        let mut state = self.state();
        if !state.is_rewound {
            state.position = Some(position);
            state.save(self.surroundings.now());
            self.show(&mut state);
        }
        Ok(())
    }
}

impl State {
    /// Continues at an earlier position, from which on events may be missing.
    fn rewind(&mut self, rewind: &Rewind) {
        let Some(position) = &mut self.position else { return };
        let next = match &rewind.from {
            Some(from) if from.journal_id == position.journal_id => from.next,
            // The driver names what it has overwritten since sequence number 1.
            _ => 1,
        };
        if next < position.next {
            position.next = next;
            self.is_rewound = true;
        }
    }

    fn save(&mut self, now: SystemTime) {
        let Some(position) = self.position.clone() else { return };
        self.unsaved = match self.file.keep(position) {
            Ok(()) => None,
            Err(error) => {
                let since = self.unsaved.as_ref().map_or(now, |trouble| trouble.since);
                Some(Trouble { since, reason: error.to_string() })
            }
        };
    }

    fn fail(&mut self, error: &FileError, now: SystemTime) {
        note(&mut self.interruption, error, now);
    }
}

/// Counts a failure.
fn note(interruption: &mut Option<Interruption>, error: &FileError, now: SystemTime) -> Trouble {
    let since = interruption.as_ref().map_or(now, |before| before.trouble.since);
    let attempts = interruption.as_ref().map_or(0, |before| before.attempts) + 1;
    let trouble = Trouble { since, reason: error.to_string() };
    *interruption = Some(Interruption { trouble: trouble.clone(), attempts });
    trouble
}

/// Opens position and log, once. A damaged position stays set aside if the log fails.
fn open(
    files: &Arc<dyn Files>,
    settings: &Settings,
    set_aside: &mut Option<SetAside>,
    now: SystemTime,
) -> io::Result<(Log, PositionFile, Option<Rewind>)> {
    let folder: &Path = &settings.folder;
    let path = folder.join(POSITION_FILE);
    let (file, aside) = PositionFile::open_or_set_aside(Arc::clone(files), &path)?;
    *set_aside = aside.or(set_aside.take());
    let (log, rewind) = Log::open(Arc::clone(files), folder, settings.bounds, file.kept(), now)?;
    Ok((log, file, rewind))
}

/// Tries until it succeeds or the service stops.
fn wait_out<T>(
    surroundings: &dyn Surroundings,
    mut attempt: impl FnMut() -> Result<T, ()>,
) -> Result<T, Unwritten> {
    let mut wait = FIRST_WAIT;
    loop {
        if let Ok(value) = attempt() {
            return Ok(value);
        }
        if surroundings.stops_within(wait) {
            return Err(Unwritten::Stopped);
        }
        wait = LONGEST_WAIT.min(wait * 2);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use serde_json::Value;

    use super::*;
    use crate::{Disk, Entry};

    /// Clocks that a test sets.
    #[derive(Default)]
    struct World {
        monotonic_ms: AtomicU64,
        step_ms: AtomicI64,
        dropped: AtomicU64,
    }

    impl Surroundings for World {
        fn now(&self) -> SystemTime {
            let ms = 13_416_825_600_000 + self.monotonic_ms.load(Ordering::Relaxed);
            let ms = ms.checked_add_signed(self.step_ms.load(Ordering::Relaxed)).unwrap();
            SystemTime(ms * 10_000)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.monotonic_ms.load(Ordering::Relaxed))
        }

        fn stops_within(&self, _: Duration) -> bool {
            true
        }

        fn dropped_changes(&self) -> u64 {
            self.dropped.load(Ordering::Relaxed)
        }

        fn show(&self, _: Option<&Trouble>) {}
    }

    fn open(folder: &Path, keep: Option<Duration>) -> (Keeper, Arc<World>) {
        let world = Arc::new(World::default());
        let settings = Settings {
            folder: folder.to_owned(),
            bounds: Bounds { file_bytes: 1 << 20, files: 3 },
            keep,
        };
        let files: Arc<dyn Files> = Arc::new(Disk);
        let keeper = Keeper::open(&files, settings, world.clone()).unwrap();
        keeper.write(&Entry::ServiceStarted { time: world.now() }.line()).unwrap();
        (keeper, world)
    }

    fn entries(folder: &Path, kind: &str) -> Vec<Value> {
        let text = fs::read_to_string(folder.join("events.ndjson")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["type"] == kind).collect()
    }

    #[test]
    fn a_step_of_the_clock_is_one_entry_and_drift_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, world) = open(folder.path(), None);
        for _ in 0..100 {
            world.monotonic_ms.fetch_add(5_000, Ordering::Relaxed);
            world.step_ms.fetch_add(20, Ordering::Relaxed);
            keeper.tick();
        }
        assert_eq!(entries(folder.path(), "clock_stepped"), [Value::Null; 0]);
        for (number, by_ms) in [3_600_000, -7_200_000].into_iter().enumerate() {
            world.step_ms.fetch_add(by_ms, Ordering::Relaxed);
            for _ in 0..3 {
                keeper.tick();
            }
            let steps = entries(folder.path(), "clock_stepped");
            assert_eq!((steps.len(), steps[number]["by_ms"].as_i64()), (number + 1, Some(by_ms)));
        }
    }

    #[test]
    fn a_file_ends_after_a_day_if_old_files_expire() {
        let day = 24 * 60 * 60 * 1000;
        for (keep, ends) in [(None, false), (Some(Duration::from_hours(48)), true)] {
            let folder = tempfile::tempdir().unwrap();
            let (keeper, world) = open(folder.path(), keep);
            world.monotonic_ms.fetch_add(day - 1, Ordering::Relaxed);
            keeper.tick();
            assert!(!folder.path().join("events.1.ndjson").exists());
            world.monotonic_ms.fetch_add(1, Ordering::Relaxed);
            keeper.tick();
            assert_eq!(folder.path().join("events.1.ndjson").exists(), ends);
        }
    }

    #[test]
    fn dropped_changes_are_counted_once() {
        let folder = tempfile::tempdir().unwrap();
        let (keeper, world) = open(folder.path(), None);
        world.dropped.fetch_add(3, Ordering::Relaxed);
        for _ in 0..3 {
            keeper.tick();
        }
        let dropped = entries(folder.path(), "write_interrupted");
        assert_eq!(dropped.len(), 1);
        assert_eq!(dropped[0]["session_changes_lost"], 3);
    }
}
