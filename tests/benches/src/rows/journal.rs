//! The driver's own work for an event: check the notification, look up its session, push the
//! record. The kernel's answers and clocks are given.

use sessionwatch_journal::{
    Clocks, Information, Journal, Load, Notification, Payload, Present, Recorder, Settings,
};
use spin::mutex::SpinMutex;

use super::CAPACITY;
use crate::buffers::{Words, words};

/// A journal, and events to record in it, again and again.
pub(super) struct Events {
    journal: Journal<Words>,
    recorder: SpinMutex<Recorder<Box<[Present]>>>,
    notifications: Vec<Notification>,
}

impl Events {
    /// The sessions 1 to 300 log on, and then off.
    pub(super) fn new() -> Self {
        let load = Load {
            clocks: Clocks { system: 1, monotonic: 1 },
            driver_version: [0; 3],
            settings: Settings::default(),
        };
        let sessions = vec![Present::default(); 1024].into_boxed_slice();
        let (journal, recorder) =
            Journal::new(words(CAPACITY), sessions, load).expect("memory for a record");
        let events = [[(1, 1), (3, 3), (5, 6)], [(6, 7), (4, 4), (2, 8)]];
        let of_session = |events: [(u32, u32); 3]| {
            (1..=300).flat_map(move |session_id| {
                events.map(|(event, state)| Notification {
                    event,
                    payload: Payload::Unread { length: 0 },
                    information: Some(Information { session_id, state, local_session: 1 }),
                })
            })
        };
        let notifications = events.into_iter().flat_map(of_session).collect();
        Self { journal, recorder: SpinMutex::new(recorder), notifications }
    }

    /// Records all events, and returns their number.
    pub(super) fn record(&self) -> usize {
        for (notification, time) in self.notifications.iter().zip(1..) {
            let clocks = Clocks { system: time, monotonic: time };
            self.journal.record(&mut self.recorder.lock(), notification, clocks);
        }
        self.notifications.len()
    }
}
