//! How `follow` waits for the next event, and how it is ended.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// How long to wait before the journal is looked at again.
const INTERVAL: Duration = Duration::from_millis(250);

/// The pause between two reads.
pub trait Wait {
    /// Waits where there is nothing to read (`idle`), and returns at once where
    /// there is more. `Break` means that the user wants no more.
    fn wait(&mut self, idle: bool) -> ControlFlow<()>;
}

/// Waits for a fixed time, or for Ctrl-C.
#[derive(Debug)]
pub struct Poll {
    interrupt: Receiver<()>,
}

impl Poll {
    /// Takes over Ctrl-C, which only one place of a program can do.
    ///
    /// # Errors
    ///
    /// If the system does not allow it.
    pub fn until_interrupted() -> Result<Self, ctrlc::Error> {
        let (sender, interrupt) = mpsc::channel();
        ctrlc::set_handler(move || {
            // There is no receiver any more when the program is ending already.
            let _ = sender.send(());
        })?;
        Ok(Self { interrupt })
    }
}

impl Wait for Poll {
    fn wait(&mut self, idle: bool) -> ControlFlow<()> {
        let interval = if idle { INTERVAL } else { Duration::ZERO };
        match self.interrupt.recv_timeout(interval) {
            Err(RecvTimeoutError::Timeout) => ControlFlow::Continue(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => ControlFlow::Break(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_c_ends_the_waiting_and_is_not_missed_while_reading() {
        let (sender, interrupt) = mpsc::channel();
        let mut poll = Poll { interrupt };
        assert_eq!(poll.wait(false), ControlFlow::Continue(()));
        sender.send(()).unwrap();
        assert_eq!(poll.wait(false), ControlFlow::Break(()));
        sender.send(()).unwrap();
        assert_eq!(poll.wait(true), ControlFlow::Break(()));
    }
}
