//! Looks at a server again and again. An interrupt takes effect at any moment, also while a
//! call waits for a server that does not answer.

use std::iter::FusedIterator;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sessionwatch_failure::WindowsError;

use crate::difference::Elapsed;
use crate::error::{ServerName, SmbError};
use crate::listing::{SessionServer, sessions};
use crate::look::Look;
use crate::query::{Call, Query};
use crate::session::Session;

/// Looks at a server again and again, with a pause between an answer and the next question.
///
/// It is an iterator that ends when it is interrupted. An error does not end it: the next look
/// asks again.
pub struct Poller {
    server: Arc<dyn SessionServer>,
    query: Query,
    interval: Duration,
    /// The times of the last question and of its answer.
    last: Option<(Instant, Instant)>,
    is_interrupted: bool,
    sender: Sender<Signal>,
    signals: Receiver<Signal>,
}

/// The end of a wait.
enum Signal {
    Answer(Result<Vec<Session>, SmbError>),
    Interrupt,
}

impl Poller {
    /// A poller that asks `server` for the sessions of `query` and pauses for `interval`.
    #[must_use]
    pub fn new(server: Arc<dyn SessionServer>, query: Query, interval: Duration) -> Self {
        let (sender, signals) = mpsc::channel();
        Self { server, query, interval, last: None, is_interrupted: false, sender, signals }
    }

    /// A function that interrupts the poller, to be called from any thread. It also ends a
    /// pause or a call that is under way.
    pub fn interrupter(&self) -> impl Fn() + Send + use<> {
        let sender = self.sender.clone();
        move || {
            // Sending fails only after the poller is gone.
            let _ = sender.send(Signal::Interrupt);
        }
    }

    /// The next look; `None` after an interrupt.
    fn look(&mut self) -> Option<Result<Look, SmbError>> {
        if self.last.is_some() {
            self.pause()?;
        }
        let asked = Instant::now();
        let sessions = match self.ask(self.query.enumeration())? {
            Ok(sessions) => sessions,
            // The session that the query names may open later, or has closed.
            Err(SmbError::NoSuchSession { .. }) => Vec::new(),
            Err(error) => return Some(Err(error)),
        };
        let answered = Instant::now();
        let elapsed = self.last.replace((asked, answered)).map_or(
            Elapsed { least: 0, most: 0 },
            |(asked_before, answered_before)| Elapsed {
                least: asked.duration_since(answered_before).as_secs(),
                most: answered.duration_since(asked_before).as_secs(),
            },
        );
        Some(Ok(Look { time: Timestamp::now(), elapsed, sessions }))
    }

    /// Waits for the interval; `None` after an interrupt.
    fn pause(&self) -> Option<()> {
        match self.signals.recv_timeout(self.interval) {
            Err(RecvTimeoutError::Timeout) => Some(()),
            // No call is under way, so this is no answer.
            _ => None,
        }
    }

    /// Asks the server, in a thread of its own: an interrupt abandons a call that does not
    /// return. `None` after an interrupt.
    fn ask(&self, call: Call) -> Option<Result<Vec<Session>, SmbError>> {
        let (server, query) = (Arc::clone(&self.server), self.query.clone());
        let sender = self.sender.clone();
        let ask = move || {
            let _ = sender.send(Signal::Answer(sessions(&*server, &query, call)));
        };
        if let Err(error) = thread::Builder::new().spawn(ask) {
            return Some(Err(SmbError::NoThread {
                server: ServerName::of(&self.query),
                error: WindowsError::from(&error),
            }));
        }
        match self.signals.recv() {
            Ok(Signal::Answer(answer)) => Some(answer),
            // `self` holds a sender, so the channel stays open.
            Ok(Signal::Interrupt) | Err(_) => None,
        }
    }
}

impl Iterator for Poller {
    type Item = Result<Look, SmbError>;

    fn next(&mut self) -> Option<Self::Item> {
        let look = if self.is_interrupted { None } else { self.look() };
        self.is_interrupted = look.is_none();
        look
    }
}

impl FusedIterator for Poller {}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::listing::Page;
    use crate::query::Level;
    use crate::testing::session;

    /// A server that gives one answer after the other, then none for a minute.
    struct Script(Mutex<Vec<Result<Vec<Session>, u32>>>);

    impl SessionServer for Script {
        fn page(&self, _: &Query, level: Level, _: u32) -> Result<Page, WindowsError> {
            assert_eq!(level, Level::FiveHundredTwo);
            let Some(answer) = self.0.lock().unwrap().pop() else {
                thread::sleep(Duration::from_mins(1));
                unreachable!("no test waits that long");
            };
            answer
                .map(|sessions| Page { sessions, next: None })
                .map_err(|code| WindowsError { code, message: String::new() })
        }

        fn one(&self, _: &Query, _: Level) -> Result<Session, WindowsError> {
            unreachable!("a poller lists, and so sees each session of a user")
        }
    }

    fn poller(script: Vec<Result<Vec<Session>, u32>>, interval: Duration) -> Poller {
        let script = script.into_iter().rev().collect();
        let [client, user] = ["PC", "chris"].map(|name| Some(name.to_owned()));
        let query = Query { client, user, ..Query::default() };
        Poller::new(Arc::new(Script(Mutex::new(script))), query, interval)
    }

    #[test]
    fn no_such_session_is_an_empty_look_and_other_errors_are_returned() {
        let here = vec![session("PC", 1)];
        let script = vec![Err(2312), Ok(here.clone()), Err(2221), Ok(Vec::new()), Err(5)];
        let mut poller = poller(script, Duration::from_millis(1));
        let seen: Vec<_> = poller.by_ref().take(4).map(|look| look.unwrap().sessions).collect();
        assert_eq!(seen, [vec![], here, vec![], vec![]]);
        assert!(matches!(poller.next(), Some(Err(SmbError::AccessDenied { .. }))));
    }

    #[test]
    fn the_elapsed_time_is_between_its_bounds() {
        let script = vec![Ok(Vec::new()), Ok(Vec::new())];
        let mut poller = poller(script, Duration::from_millis(1100));
        assert_eq!(poller.next().unwrap().unwrap().elapsed, Elapsed { least: 0, most: 0 });
        let Elapsed { least, most } = poller.next().unwrap().unwrap().elapsed;
        assert!(least >= 1 && least <= most, "{least} {most}");
    }

    #[test]
    fn an_interrupt_ends_a_pause_and_a_call_that_waits() {
        let long = Duration::from_mins(1);
        let begin = Instant::now();
        let mut pausing = poller(vec![Ok(Vec::new())], long);
        pausing.next().unwrap().unwrap();
        let interrupt = pausing.interrupter();
        let other = thread::spawn(interrupt);
        assert!(pausing.next().is_none());
        other.join().unwrap();

        let mut waiting = poller(vec![], long);
        let interrupt = waiting.interrupter();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            interrupt();
        });
        assert!(waiting.next().is_none());
        other.join().unwrap();
        assert!(begin.elapsed() < long);
    }

    #[test]
    fn an_interrupt_lasts() {
        let mut poller = poller(vec![Ok(Vec::new()), Ok(Vec::new())], Duration::from_millis(1));
        assert!(poller.next().is_some());
        poller.interrupter()();
        assert!(poller.next().is_none());
        assert!(poller.next().is_none());
    }
}
