//! The driver's own journal as a device, in the process of the test.
//!
//! [`Machine`] replaces the parts between tool and journal on Windows: the I/O manager's copies
//! and the service that starts the driver. Unlike on Windows, nobody else reads the journal.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::AtomicU64;

use kmdf_host_control::Scenario;
use sessionwatch_journal::{
    Clocks, ConnectInfo, Information, Input, Journal, Load, Notification, Outcome, Payload,
    PendingCounts, Present, Recorder, Ring, RingCapacity, Settings, Vitals,
};
use sessionwatch_protocol::{ControlCode, EventKind, SessionState, SettingFlags};
use sessionwatch_reader::{Device, DeviceError};
use zerocopy::IntoBytes;

/// 2026-03-01T08:00:00Z.
const MORNING: u64 = 134_168_256_000_000_000;
const SECOND: u64 = 10_000_000;

/// A machine with a running driver.
pub(crate) struct Machine {
    pub(crate) journal: Journal<Vec<AtomicU64>>,
    pub(crate) recorder: Recorder<Vec<Present>>,
    seconds: u64,
    /// The number of events just before each reply.
    pub(crate) hurry: u64,
    /// The happenings during pending reads. The last one is followed by Ctrl-C.
    pub(crate) happenings: VecDeque<Happening>,
}

/// A happening while a read is pending.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    Events(u64),
    /// The read completes without records.
    InVain,
}

/// The id of a machine's journal.
pub(crate) const JOURNAL_ID: u64 = MORNING + SECOND;

impl Machine {
    pub(crate) fn new(capacity: u32) -> Rc<RefCell<Self>> {
        let words = Ring::<Vec<AtomicU64>>::words_for(capacity);
        let load = Load {
            clocks: Clocks { system: MORNING + SECOND, monotonic: SECOND },
            driver_version: [0, 1, 0],
            settings: Settings {
                capacity: RingCapacity {
                    records: capacity,
                    requested: capacity,
                    flags: SettingFlags::empty(),
                },
                ..Settings::default()
            },
        };
        let words = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (journal, recorder) = Journal::new(words, vec![Present::default(); 8], load).unwrap();
        let happenings = VecDeque::new();
        Rc::new(RefCell::new(Self { journal, recorder, seconds: 1, hurry: 0, happenings }))
    }

    pub(crate) fn clocks(&mut self) -> Clocks {
        self.seconds += 1;
        Clocks { system: MORNING + self.seconds * SECOND, monotonic: self.seconds * SECOND }
    }

    /// The sequence number of the next event.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.journal.next_sequence()
    }

    /// Raises events of a session.
    pub(crate) fn raise(&mut self, events: u64) {
        for _ in 0..events {
            self.raise_in(3, EventKind::LOGON, SessionState::LOGGED_ON);
        }
    }

    /// Raises the events of a scenario file at their times, counted from the morning.
    pub(crate) fn play(&mut self, scenario: &Scenario) {
        for (step, raise) in scenario.steps.iter().zip(scenario.raises().unwrap()) {
            let since_morning = SECOND + step.at_ms * 10_000;
            let clocks = Clocks { system: MORNING + since_morning, monotonic: since_morning };
            self.seconds = since_morning / SECOND;
            let bytes = raise.payload.bytes.map(|digits| hex::decode(digits).unwrap());
            let (is_null, length) = (bytes.is_none(), raise.payload.length);
            let payload = Payload::from_notification(raise.event.0, is_null, length, || {
                bytes.unwrap()[..ConnectInfo::SIZE].try_into().unwrap()
            });
            let notification = Notification {
                event: raise.event.0,
                payload,
                information: (!raise.information_fails).then_some(Information {
                    session_id: raise.session,
                    state: raise.state.0,
                    local_session: raise.local,
                }),
            };
            self.journal.record(&mut self.recorder, &notification, clocks).unwrap();
        }
    }

    /// Raises one event that leaves its session in this state.
    pub(crate) fn raise_in(&mut self, session_id: u32, event: EventKind, state: SessionState) {
        let clocks = self.clocks();
        let notification = Notification {
            event: event.0,
            payload: Payload::Missing { claimed: 0 },
            information: Some(Information { session_id, state: state.0, local_session: 1 }),
        };
        self.journal.record(&mut self.recorder, &notification, clocks).unwrap();
    }
}

/// An open handle to the device.
pub(crate) struct Handle(pub(crate) Rc<RefCell<Machine>>);

impl Device for Handle {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let mut machine = self.0.borrow_mut();
        let hurry = machine.hurry;
        machine.raise(hurry);
        let vitals = Vitals {
            clocks: machine.clocks(),
            pending: PendingCounts::default(),
            is_registered: true,
        };
        // This copy is aligned, like the I/O manager's.
        let mut copy = [0_u64; 8];
        let copy = &mut copy.as_mut_bytes()[..input.len()];
        copy.copy_from_slice(input);
        let outcome = machine.journal.dispatch(code, &Input::copy_of(copy), output, || vitals);
        let from = match outcome {
            Ok(Outcome::Answered(length)) => return Ok(length),
            Ok(Outcome::Pends { from }) => from,
            Ok(Outcome::Sessions) => {
                return machine
                    .journal
                    .answer_sessions(&machine.recorder, output)
                    .map_err(DeviceError::Rejected);
            }
            Err(rejection) => return Err(DeviceError::Rejected(rejection)),
        };
        loop {
            match machine.happenings.pop_front() {
                Some(Happening::Events(events)) => machine.raise(events),
                Some(Happening::InVain) => break,
                None => return Err(DeviceError::Interrupted),
            }
            if machine.journal.next_sequence() > from {
                break;
            }
        }
        machine.journal.answer_pending(from, output).map_err(DeviceError::Rejected)
    }
}
