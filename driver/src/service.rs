//! What the callbacks do: record what they are told, answer what they are asked.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;

use sessionwatch_journal::{
    Clocks, Input, Journal, Load, Notification, Present, Recorder, Ring, RingCapacity,
};
use sessionwatch_protocol::ControlCode;

use crate::wdf::{
    Driver, Locked, Request, Result, SessionCall, SessionRegistration, Status,
    system_and_interrupt_time,
};

type Words = Box<[AtomicU64]>;
type Places = Box<[Present]>;

/// How many present sessions are told apart: 2,048 in 96 KiB.
const PLACES: usize = 2048;

/// The driver's state, from the end of start to the end of unload.
///
/// The fields are dropped in their order: the registration goes before what the
/// notifications that it brings are written to.
pub(crate) struct Service {
    registration: SessionRegistration,
    recorder: Locked<Recorder<Places>>,
    journal: Journal<Words>,
}

impl Service {
    /// Takes the memory. `PASSIVE_LEVEL`; nothing is allocated after this.
    pub(crate) fn new(asked: RingCapacity) -> Result<Self> {
        let (words, capacity) = ring_memory(asked)?;
        let load = Load { clocks: clocks(), driver_version: version(), capacity };
        let (journal, recorder) =
            Journal::new(words, zeroed(PLACES)?, load).ok_or(Status::INSUFFICIENT_RESOURCES)?;
        Ok(Self {
            registration: SessionRegistration::none(),
            recorder: Locked::new(recorder)?,
            journal,
        })
    }

    /// How many events the ring keeps.
    pub(crate) fn capacity(&self) -> u32 {
        self.journal.capacity()
    }

    /// Begins to be told of session events. `PASSIVE_LEVEL`.
    pub(crate) fn watch(self: Pin<&Self>, driver: &Driver) -> Result {
        self.get_ref().registration.register(driver, self)
    }

    /// A session changed: records it.
    ///
    /// Runs at `PASSIVE_LEVEL` (at most `APC_LEVEL` by contract), for several
    /// sessions at once. The payload may be paged, so it is read before the lock
    /// is taken; under the lock nothing happens but the writing of one record.
    pub(crate) fn session_changed(&self, call: &SessionCall) {
        let notification = Notification {
            event: call.event(),
            payload: call.payload(),
            information: call.information(),
        };
        let clocks = clocks();
        let mut recorder = self.recorder.lock();
        // `None` would mean that 2^64 events have been numbered.
        let _number = self.journal.record(&mut recorder, &notification, clocks);
    }

    /// A device control request came in: answers it.
    ///
    /// Runs at `PASSIVE_LEVEL`, several at once, and takes no lock.
    pub(crate) fn device_control(&self, mut request: Request, code: ControlCode) {
        let answer = request.with_input(Input::copy_of).and_then(|input| {
            let output = request.output()?;
            Ok(self.journal.dispatch(code, &input, output, clocks())?)
        });
        request.complete(answer);
    }

    /// The driver is being unloaded: stops being told. When this returns, no
    /// callback runs and none will. `PASSIVE_LEVEL`, with no lock held.
    pub(crate) fn stop(&self) {
        self.registration.unregister();
        wdk::println!("sessionwatch: stopped");
    }
}

fn clocks() -> Clocks {
    let (system, monotonic) = system_and_interrupt_time();
    Clocks { system, monotonic }
}

fn version() -> [u16; 3] {
    [
        env!("CARGO_PKG_VERSION_MAJOR"),
        env!("CARGO_PKG_VERSION_MINOR"),
        env!("CARGO_PKG_VERSION_PATCH"),
    ]
    .map(|part| part.parse().unwrap_or(0))
}

/// Memory for the ring asked for, or for the largest that there is memory for.
fn ring_memory(asked: RingCapacity) -> Result<(Words, RingCapacity)> {
    let mut capacity = asked;
    loop {
        match zeroed(Ring::<Words>::words_for(capacity.records)) {
            Ok(words) => return Ok((words, capacity)),
            Err(error) => capacity = capacity.reduced().ok_or(error)?,
        }
    }
}

/// Non-paged memory, in one allocation that may fail.
fn zeroed<T: Default>(length: usize) -> Result<Box<[T]>> {
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| Status::INSUFFICIENT_RESOURCES)?;
    values.resize_with(length, T::default);
    Ok(values.into_boxed_slice())
}
