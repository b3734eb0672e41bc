//! Looks at a server again and again, and can be interrupted at any moment: also
//! while a call of Windows waits for a server that does not answer.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::{
    Call, Elapsed, Failure, Look, Looks, Query, Session, SessionServer, SmbError, sessions,
};
use crate::error::Error;
use crate::time::SystemTime;

/// Asks a server for its sessions, with a pause between an answer and the next
/// question.
pub struct Poller {
    server: Arc<dyn SessionServer>,
    query: Query,
    interval: Duration,
    last: Option<(Instant, Instant)>,
    sender: Sender<Signal>,
    signals: Receiver<Signal>,
}

/// What is waited for.
enum Signal {
    Answer(Result<Vec<Session>, SmbError>),
    Interrupt,
}

impl Poller {
    /// Asks this server, with such a pause.
    #[must_use]
    pub fn new(server: Arc<dyn SessionServer>, query: Query, interval: Duration) -> Self {
        let (sender, signals) = mpsc::channel();
        Self { server, query, interval, last: None, sender, signals }
    }

    /// What ends the looks, to be called from anywhere: from then on, or in the
    /// midst of one, they are [`Error::Interrupted`].
    pub fn interrupter(&self) -> impl Fn() + Send + use<> {
        let sender = self.sender.clone();
        move || {
            // Nobody listens any more where it fails.
            let _ = sender.send(Signal::Interrupt);
        }
    }

    /// Lets the pause pass.
    fn pause(&self) -> Result<(), Error> {
        match self.signals.recv_timeout(self.interval) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            // No call is under way, so no answer comes.
            _ => Err(Error::Interrupted),
        }
    }

    /// Asks, in a thread of its own that is left alone where the user does not wait
    /// for it.
    fn ask(&self, call: Call) -> Result<Vec<Session>, Error> {
        let (server, query) = (Arc::clone(&self.server), self.query.clone());
        let sender = self.sender.clone();
        let ask = move || {
            let _ = sender.send(Signal::Answer(sessions(&*server, &query, call)));
        };
        let started = thread::Builder::new().spawn(ask);
        started.map_err(|error| self.not_started(&error, call))?;
        match self.signals.recv() {
            Ok(Signal::Answer(answer)) => Ok(answer?),
            // The sender is our own, so that there is always one.
            Ok(Signal::Interrupt) | Err(_) => Err(Error::Interrupted),
        }
    }

    fn not_started(&self, error: &io::Error, call: Call) -> SmbError {
        let code = error.raw_os_error().map_or(0, i32::cast_unsigned);
        SmbError::new(Failure { code, message: error.to_string() }, &self.query, call.level())
    }
}

impl Looks for Poller {
    fn next(&mut self) -> Result<Look, Error> {
        if self.last.is_some() {
            self.pause()?;
        }
        let asked = Instant::now();
        let sessions = match self.ask(self.query.enumeration()) {
            // Whoever is waited for is not there yet, or not any more.
            Err(Error::Smb(SmbError::NoSuchSession { .. })) => Vec::new(),
            answer => answer?,
        };
        let answered = Instant::now();
        let elapsed = self.last.replace((asked, answered)).map_or(
            Elapsed { least: 0, most: 0 },
            |(asked_before, answered_before)| Elapsed {
                least: asked.duration_since(answered_before).as_secs(),
                most: answered.duration_since(asked_before).as_secs(),
            },
        );
        Ok(Look { time: SystemTime::now(), elapsed, sessions })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::testing::session;
    use super::super::{Level, Page};
    use super::*;

    /// A server that says one thing after the other, or nothing for a long time.
    struct Script(Mutex<Vec<Result<Vec<Session>, u32>>>);

    impl SessionServer for Script {
        fn page(&self, _: &Query, level: Level, _: u32) -> Result<Page, Failure> {
            assert_eq!(level, Level::FiveHundredTwo);
            let Some(said) = self.0.lock().unwrap().pop() else {
                thread::sleep(Duration::from_mins(1));
                unreachable!("nobody waits so long");
            };
            said.map(|sessions| Page { sessions, next: None })
                .map_err(|code| Failure { code, message: String::new() })
        }

        fn one(&self, _: &Query, _: Level) -> Result<Session, Failure> {
            unreachable!("a watch lists, so that it sees each session of a user")
        }
    }

    fn poller(script: Vec<Result<Vec<Session>, u32>>, interval: Duration) -> Poller {
        let script = script.into_iter().rev().collect();
        let [client, user] = ["PC", "chris"].map(|name| Some(name.to_owned()));
        let query = Query { client, user, ..Query::default() };
        Poller::new(Arc::new(Script(Mutex::new(script))), query, interval)
    }

    #[test]
    fn nobody_there_is_a_look_and_other_errors_end_the_watch() {
        let here = vec![session("PC", 1)];
        let script = vec![Err(2312), Ok(here.clone()), Err(2221), Ok(Vec::new()), Err(5)];
        let mut poller = poller(script, Duration::from_millis(1));
        let seen: Vec<_> = (0..4).map(|_| poller.next().unwrap().sessions).collect();
        assert_eq!(seen, [vec![], here, vec![], vec![]]);
        assert!(matches!(poller.next(), Err(Error::Smb(SmbError::AccessDenied { .. }))));
    }

    #[test]
    fn the_time_that_passed_is_between_its_bounds() {
        let script = vec![Ok(Vec::new()), Ok(Vec::new())];
        let mut poller = poller(script, Duration::from_millis(1100));
        assert_eq!(poller.next().unwrap().elapsed, Elapsed { least: 0, most: 0 });
        let Elapsed { least, most } = poller.next().unwrap().elapsed;
        assert!(least >= 1 && least <= most, "{least} {most}");
    }

    #[test]
    fn an_interrupt_ends_a_pause_and_a_call_that_waits() {
        let long = Duration::from_mins(1);
        let begin = Instant::now();
        let mut pausing = poller(vec![Ok(Vec::new())], long);
        pausing.next().unwrap();
        let interrupt = pausing.interrupter();
        let other = thread::spawn(interrupt);
        assert!(matches!(pausing.next(), Err(Error::Interrupted)));
        other.join().unwrap();

        let mut waiting = poller(vec![], long);
        let interrupt = waiting.interrupter();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            interrupt();
        });
        assert!(matches!(waiting.next(), Err(Error::Interrupted)));
        other.join().unwrap();
        assert!(begin.elapsed() < long);
    }
}
