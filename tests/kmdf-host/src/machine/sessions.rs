//! Session objects, and the events of each session.
//!
//! As in the kernel:
//! - The new state is stored before the first callback.
//! - Callbacks for created and terminated run on the thread that raises, the others on a worker.
//! - The events of one session follow each other. Those of different sessions do not wait for each
//!   other.
//!
//! Stricter than Windows: the session object has another address at every event, and is valid only
//! during its dispatch.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::thread;

use kmdf_host_control::{Event, Order, Outcome, Raise, Rule, State};
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_INVALID_PARAMETER_1, STATUS_SUCCESS, STATUS_UNSUCCESSFUL,
};
use zerocopy::{Immutable, IntoBytes};

use crate::machine::guarded::Block;
use crate::machine::irql::{self, APC};
use crate::machine::{clock, load, memory, session_registration, workers};
use crate::watch::injection;
use crate::watch::rules::violation;
use crate::watch::sync::lock;

/// The number of sessions that have events at the same time.
const LANES: usize = 16;
/// The size of the block whose address is the session object.
const SESSION_OBJECT_BYTES: usize = 16;
/// The bytes of a session object, which is opaque to a driver.
const OPAQUE: u8 = 0xEE;

/// `IO_SESSION_STATE_INFORMATION`.
#[derive(IntoBytes, Immutable)]
#[repr(C)]
struct SessionStateInformation {
    session_id: u32,
    session_state: u32,
    local_session: u8,
    padding: [u8; 3],
}

const _: () = assert!(size_of::<SessionStateInformation>() == 12);

/// A session. Its lock is held while one of its events is dispatched.
struct Session(Mutex<State>);

/// The details behind a session object that is valid.
#[derive(Clone, Copy)]
struct Dispatch {
    session: u32,
    state: State,
    local: u8,
    fails: bool,
}

static SESSIONS: LazyLock<Mutex<HashMap<u32, Arc<Session>>>> = LazyLock::new(Mutex::default);
static DISPATCHES: LazyLock<Mutex<HashMap<usize, Dispatch>>> = LazyLock::new(Mutex::default);

/// Raises events, and returns the outcomes in the order of the events.
pub(crate) fn raise(order: Order, events: &[Raise]) -> Result<Vec<Outcome>, String> {
    for event in events {
        payload_bytes(event)?;
    }
    match order {
        Order::Serial => events.iter().map(raise_one).collect(),
        Order::Concurrent => raise_in_lanes(events),
    }
}

fn raise_in_lanes(events: &[Raise]) -> Result<Vec<Outcome>, String> {
    let mut lanes: Vec<Vec<(usize, &Raise)>> = vec![Vec::new(); LANES];
    let mut lane_of = HashMap::new();
    for (index, event) in events.iter().enumerate() {
        let next = lane_of.len() % LANES;
        let lane = *lane_of.entry(event.session).or_insert(next);
        lanes[lane].push((index, event));
    }
    let mut outcomes: Vec<(usize, Result<Outcome, String>)> = thread::scope(|scope| {
        let threads: Vec<_> = lanes
            .into_iter()
            .filter(|lane| !lane.is_empty())
            .map(|lane| scope.spawn(move || lane.iter().map(|(i, e)| (*i, raise_one(e))).collect()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|_| Vec::new()))
            .collect()
    });
    outcomes.sort_by_key(|outcome| outcome.0);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn raise_one(event: &Raise) -> Result<Outcome, String> {
    let session = {
        let initial = || Arc::new(Session(Mutex::new(State::INITIALIZED)));
        Arc::clone(lock(&SESSIONS).entry(event.session).or_insert_with(initial))
    };
    let mut state = lock(&session.0);
    *state = event.state;
    let payload = payload_bytes(event)?;
    let raised = event.clone();
    let outcome = match event.event {
        Event::CREATED | Event::TERMINATED => dispatch(&raised, payload.as_deref()),
        _ => {
            let (sender, receiver) = mpsc::channel();
            workers::submit(move || {
                let _receiver_waits = sender.send(dispatch(&raised, payload.as_deref()));
            });
            receiver.recv().map_err(|error| error.to_string())?
        }
    };
    drop(state);
    outcome.ok_or_else(|| "no memory for the payload".into())
}

/// Dispatches an event to every registration that asks for it. `None` when there is no memory.
fn dispatch(event: &Raise, payload: Option<&[u8]>) -> Option<Outcome> {
    let payload = match payload {
        None => None,
        Some(bytes) => Some(Block::tight_copy(bytes)?),
    };
    let session_object = Block::new(SESSION_OBJECT_BYTES, OPAQUE)?;
    let object = session_object.address();
    let details = Dispatch {
        session: event.session,
        state: event.state,
        local: event.local,
        fails: event.information_fails,
    };
    lock(&DISPATCHES).insert(object, details);
    let before = clock::now();
    let statuses = notify(event, object, payload.as_ref());
    let after = clock::now();
    lock(&DISPATCHES).remove(&object);
    for block in [Some(session_object), payload].into_iter().flatten() {
        if !block.is_intact() {
            violation(
                "IO_SESSION_NOTIFICATION_FUNCTION",
                Rule::PoolOverrun,
                "bytes beside the payload or the session object were overwritten",
            );
        }
    }
    Some(Outcome { statuses, before, after })
}

fn notify(event: &Raise, object: usize, payload: Option<&Block>) -> Vec<NTSTATUS> {
    let mut statuses = Vec::new();
    for registration in session_registration::subscribers(event.event) {
        let load = load::require("IO_SESSION_NOTIFICATION_FUNCTION");
        load.counters.events.add();
        let arguments = [
            object,
            registration.io_object,
            event.event.0 as usize,
            registration.context,
            payload.map_or(0, Block::address),
            event.payload.length as usize,
        ];
        let call = || registration.callback.call_for_status(&load, arguments);
        statuses.push(irql::as_session_callback(payload.map(Block::as_paged), call));
        registration.end();
    }
    statuses
}

fn payload_bytes(event: &Raise) -> Result<Option<Vec<u8>>, String> {
    let digits = event.payload.bytes.as_deref();
    digits.map(hex::decode).transpose().map_err(|error| format!("payload: {error}"))
}

/// `IoGetContainerInformation`. A NULL object ends the run; the kernel takes it for the caller's
/// own session, and leaks a reference (observed).
pub(crate) extern "system" fn get_container_information(
    class: u32,
    object: usize,
    buffer: usize,
    length: u32,
) -> NTSTATUS {
    const CALL: &str = "IoGetContainerInformation";
    irql::require(CALL, APC);
    if class != 0 {
        return STATUS_INVALID_PARAMETER_1;
    }
    let expected = size_of::<SessionStateInformation>();
    if (length as usize) < expected {
        violation(CALL, Rule::WrongSize, format!("BufferLength is {length}, not {expected}"));
    }
    if object == 0 {
        violation(CALL, Rule::NullPointer, "ContainerObject is NULL");
    }
    let Some(dispatch) = lock(&DISPATCHES).get(&object).copied() else {
        violation(
            CALL,
            Rule::StaleSessionObject,
            format!("{object:#x} is not the session object of a dispatch that runs"),
        );
    };
    if let Some(failed) = injection::failure(CALL) {
        return failed;
    }
    if dispatch.fails {
        return STATUS_UNSUCCESSFUL;
    }
    let information = SessionStateInformation {
        session_id: dispatch.session,
        session_state: dispatch.state.0,
        local_session: dispatch.local,
        padding: [0; 3],
    };
    memory::write(CALL, "Buffer", buffer, information);
    STATUS_SUCCESS
}
