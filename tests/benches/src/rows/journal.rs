//! All work of the driver for an event, except the calls into the kernel: checking the
//! notification, looking up its session, making the record, pushing it.

use sessionwatch_journal::{
    Clocks, Information, Journal, Load, Notification, Payload, Present, Recorder, Settings,
};

use crate::buffers::limits::Floor;
use crate::buffers::ring::{Ours, Words, words};
use crate::locks::Spin;
use crate::report::Row;
use crate::rounds::{Contender, race};
use crate::rows::push::into_full;
use crate::rows::{Bench, CAPACITY};
use crate::time::Timer;

type Places = Box<[Present]>;

/// A journal, its lock, and a morning of sessions to record in it.
pub(crate) struct Morning {
    journal: Journal<Words>,
    recorder: Spin<Recorder<Places>>,
    notifications: Vec<Notification>,
    place: usize,
}

impl Morning {
    pub(crate) fn new() -> Self {
        let load = Load {
            clocks: Clocks { system: 1, monotonic: 1 },
            driver_version: [0; 3],
            settings: Settings::default(),
        };
        let places: Places = vec![Present::default(); 1024].into_boxed_slice();
        let (journal, recorder) =
            Journal::new(words(CAPACITY), places, load).expect("memory for a record");
        Self { journal, recorder: Spin::new(recorder), notifications: notifications(), place: 0 }
    }

    pub(crate) fn record(&mut self) {
        let Some(notification) = self.notifications.get(self.place) else { return };
        let clocks = Clocks { system: self.place as u64, monotonic: self.place as u64 };
        self.journal.record(&mut self.recorder.lock(), notification, clocks);
        self.place += 1;
        if self.place == self.notifications.len() {
            self.place = 0;
        }
    }
}

/// 300 sessions come, and then go.
fn notifications() -> Vec<Notification> {
    let coming = (1..=300).flat_map(|session| [(session, 1, 1), (session, 3, 3), (session, 5, 6)]);
    let going = (1..=300).flat_map(|session| [(session, 6, 7), (session, 4, 4), (session, 2, 8)]);
    coming
        .chain(going)
        .map(|(session_id, event, state)| Notification {
            event,
            payload: Payload::Unread { length: 0 },
            information: Some(Information { session_id, state, local_session: 1 }),
        })
        .collect()
}

fn record(timer: &Timer) -> Contender<1> {
    const STRETCH: u32 = 1800;
    let (mut morning, timer) = (Morning::new(), timer.clone());
    Contender::new("sessionwatch", "reading the clocks", move || {
        let stretch = || (0..STRETCH).for_each(|_| morning.record());
        [timer.undisturbed(400, stretch) / f64::from(STRETCH)]
    })
}

pub(crate) fn rows(bench: &Bench) -> Vec<Row> {
    let timer = &bench.timer;
    let ring = into_full::<Ours>(timer, CAPACITY).named("its ring alone");
    let [figures] =
        race(bench.rounds, vec![record(timer), ring, into_full::<Floor>(timer, CAPACITY)]);
    vec![Row::new("journal/record/1thread", "ns", &figures).with_limit()]
}
