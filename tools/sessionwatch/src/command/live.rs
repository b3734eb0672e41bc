//! `sessionwatch live`: the view's terminal and its input.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event};
use sessionwatch_reader::recording::{End, Recording};
use sessionwatch_reader::{Batch, ReadError, describe};

use crate::error::Error;
use crate::interrupt::on_interrupt;
use crate::live::{Action, Model, News, Player, View, begin, draw};
use crate::platform;

/// The limit on queued news. Beyond it, the command stops reading the driver. The view then counts
/// events that are overwritten meanwhile as lost.
const WAITING_NEWS: usize = 16;
/// The shortest time between two frames. Shorter ones are not visible.
const FRAME: Duration = Duration::from_millis(60);
const SECOND: Duration = Duration::from_secs(1);

/// The input of a view.
enum Input {
    Terminal(Event),
    NoTerminal(io::Error),
    News(News),
    /// The driver's stream has ended with this error.
    Ended(ReadError),
    /// The system ends the program.
    Terminate,
}

/// Shows the driver's events until the user quits.
///
/// # Errors
///
/// If there is no terminal, the driver does not answer, or its reply is not usable.
pub fn follow(zone: Option<TimeZone>) -> Result<(), Error> {
    demand_terminal()?;
    let (device, stop) = platform::open_driver_stoppable()?;
    let described = describe(&*device)?;
    let start = described.monotonic_time.get();
    let clock = Clock { start, opened: Instant::now() };
    let model = Model::new(described.event_mask.get());
    let (sender, inputs) = mpsc::sync_channel(WAITING_NEWS);
    let listener = sender.clone();
    let reader = thread::spawn(move || {
        let outcome =
            crate::live::follow(&*device, |news| match listener.send(Input::News(news)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
        if let Err(error) = outcome {
            // Sending fails only if the view has ended.
            let _ = listener.send(Input::Ended(error));
        }
    });
    let mut view = View::of_driver(model, zone);
    let outcome = show(&mut view, None, Some(&clock), sender, &inputs);
    stop();
    drop(inputs);
    // The thread has sent its error already.
    let _ = reader.join();
    outcome
}

/// Plays a recording until the user quits.
///
/// # Errors
///
/// If there is no terminal, or the recording cannot be read.
pub fn replay(recording: &Recording, name: String, zone: Option<TimeZone>) -> Result<(), Error> {
    demand_terminal()?;
    let (mut player, model) = begin(recording)?;
    let (sender, inputs) = mpsc::sync_channel(WAITING_NEWS);
    let mut view = View::of_recording(model, name, zone);
    let end = match recording.end() {
        End::Whole => "The recording ends here.",
        End::Cut(_) => "The recording was cut here.",
        End::Damaged(..) => "The recording is damaged from here on.",
    };
    show(&mut view, Some(Playing { player: &mut player, end }), None, sender, &inputs)
}

fn demand_terminal() -> Result<(), Error> {
    let is_there = io::stdin().is_terminal() && io::stdout().is_terminal();
    is_there.then_some(()).ok_or(Error::NoTerminal)
}

/// The driver's clock, between its replies.
struct Clock {
    start: u64,
    opened: Instant,
}

impl Clock {
    /// In 100 ns since the machine started.
    fn now(&self) -> u64 {
        let units = self.opened.elapsed().as_nanos() / 100;
        self.start.saturating_add(u64::try_from(units).unwrap_or(u64::MAX))
    }
}

/// The playback of a recording.
struct Playing<'a, 'device> {
    player: &'a mut Player<'device>,
    /// The sentence at its end.
    end: &'static str,
}

impl Playing<'_, '_> {
    fn play(&mut self, events: u64, view: &mut View) -> Result<(), Error> {
        if !self.player.play(events, &mut view.model)? {
            view.ended = Some(self.end.to_owned());
        }
        Ok(())
    }
}

/// The terminal in the view's state. Its earlier state is restored, even after a panic.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> io::Result<Self> {
        ratatui::try_init().map(Self).inspect_err(|_| restore())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // A failure leaves nothing to do.
    let _ = ratatui::try_restore();
}

fn show(
    view: &mut View,
    mut playing: Option<Playing<'_, '_>>,
    clock: Option<&Clock>,
    sender: SyncSender<Input>,
    inputs: &Receiver<Input>,
) -> Result<(), Error> {
    let terminate = sender.clone();
    on_interrupt(move || {
        // Sending fails only if the view has ended.
        let _ = terminate.send(Input::Terminate);
    })?;
    let mut screen = Screen::open()?;
    watch_terminal(sender);
    let mut failure = None;
    let mut last_play = Instant::now();
    loop {
        if let Some(clock) = clock {
            view.model.advance(clock.now());
        }
        screen.0.draw(|frame| draw(frame, view))?;
        let first = match pause(view, clock, last_play) {
            None => inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(pause) => inputs.recv_timeout(pause),
        };
        // Handle all queued input before the next frame.
        for input in first.into_iter().chain(inputs.try_iter().take(WAITING_NEWS)) {
            match input {
                Input::Terminal(Event::Key(key)) => match view.press(key) {
                    Action::Stay => {}
                    Action::Quit => return failure.map_or(Ok(()), Err),
                    Action::Play(events) => {
                        if let Some(playing) = &mut playing {
                            playing.play(events, view)?;
                        }
                    }
                },
                Input::Terminal(_) => {}
                Input::NoTerminal(error) => return Err(error.into()),
                Input::News(News::Present(present)) => view.model.set_present(&present),
                Input::News(News::Read { lost, records }) => {
                    view.model.apply(&Batch { lost, records: &records });
                }
                Input::Terminate => return Ok(()),
                Input::Ended(error) => {
                    view.ended = Some(error.to_string());
                    failure = Some(Error::from(error));
                }
            }
        }
        if let (Some(playing), Some(speed)) = (&mut playing, view.speed()) {
            let due = due(speed, last_play.elapsed());
            if due > 0 {
                last_play = Instant::now();
                playing.play(due, view)?;
            }
        } else {
            last_play = Instant::now();
        }
    }
}

/// Sends the terminal's input, from a thread that ends with the program, because nothing can
/// interrupt its read.
fn watch_terminal(sender: SyncSender<Input>) {
    thread::spawn(move || {
        loop {
            let (input, is_last) = match event::read() {
                Ok(event) => (Input::Terminal(event), false),
                Err(error) => (Input::NoTerminal(error), true),
            };
            if sender.send(input).is_err() || is_last {
                return;
            }
        }
    });
}

/// The time until the view next changes by itself; `None` if it does not.
fn pause(view: &View, clock: Option<&Clock>, last_play: Instant) -> Option<Duration> {
    if let Some(speed) = view.speed() {
        let interval = (SECOND / u32::try_from(speed).unwrap_or(u32::MAX)).max(FRAME);
        return Some(interval.saturating_sub(last_play.elapsed()));
    }
    let gets_older = clock.is_some() && view.model.rates().in_last_minute() > 0;
    gets_older.then_some(SECOND)
}

/// The number of events that are due after this time.
fn due(speed: u64, elapsed: Duration) -> u64 {
    let events = elapsed.as_micros() * u128::from(speed) / 1_000_000;
    u64::try_from(events).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_plays_at_its_speed() {
        assert_eq!(due(8, Duration::from_millis(124)), 0);
        assert_eq!(due(8, Duration::from_millis(125)), 1);
        assert_eq!(due(1024, FRAME), 61);
    }
}
