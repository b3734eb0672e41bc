//! `WDFREQUEST`: its holder and its buffer.
//!
//! The framework holds a request while it is in a queue. The driver holds it once a callback has
//! presented it, or the driver has retrieved it. The [`Holder`] changes under one lock, so only one
//! of two threads gets the request.
//!
//! The driver works on a guarded copy of the system buffer, which is freed at completion: an
//! overrun faults, and so does a use after completion. A pattern fills the copy behind the input,
//! and shows when a driver returns bytes that it never wrote. Stricter than Windows: the driver has
//! no access to the buffer while the request is in a queue.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::time::Instant;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::NTSTATUS;

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::device::Device;
use crate::framework::objects::{self, Kind};
use crate::framework::queue::Queue;
use crate::machine::guarded::Block;
use crate::machine::irp::{Lengths, Parameters, PendingIrp};
use crate::machine::load::{self, Load};
use crate::machine::nt::{IRP_MJ_READ, IRP_MJ_WRITE};
use crate::watch::rules::violation;
use crate::watch::sync::lock;

/// The value of output bytes before the driver writes them.
const UNWRITTEN: u8 = 0xA5;
pub(crate) const METHOD_MASK: u32 = 3;
pub(crate) const METHOD_BUFFERED: u32 = 0;

/// The requests that are not completed, by the address of the IRP.
static LIVE: LazyLock<Mutex<HashMap<usize, Arc<Request>>>> = LazyLock::new(Mutex::default);

/// A request on its way through the driver.
pub(crate) struct Request {
    parameters: Parameters,
    lengths: Lengths,
    device: Arc<Device>,
    /// Made when the driver gets the request for the first time.
    handle: OnceLock<Handle>,
    state: Mutex<State>,
}

struct State {
    /// `None` once the request is completed.
    irp: Option<PendingIrp>,
    buffer: Option<Block>,
    information: usize,
    holder: Holder,
    /// The queue that has the request, or from which the driver got it.
    queue: Option<Arc<Queue>>,
    cancelled: bool,
}

#[derive(Clone, Copy)]
enum Holder {
    Framework,
    /// The callback or call that gave it to the driver, and the time.
    Driver(&'static str, Instant),
}

impl Kind for Request {
    const NAME: &'static str = "WDFREQUEST";

    fn deletable(&self) -> bool {
        false
    }
}

impl Request {
    /// Makes a request of an IRP. A cancellation finds it from now on.
    pub(crate) fn begin(device: &Arc<Device>, irp: PendingIrp) -> Arc<Self> {
        let parameters = irp.parameters();
        let lengths = parameters.lengths();
        let buffer = make_buffer(&irp, lengths);
        let address = irp.address();
        let state = State {
            irp: Some(irp),
            buffer,
            information: 0,
            holder: Holder::Framework,
            queue: None,
            cancelled: false,
        };
        let request = Arc::new(Self {
            parameters,
            lengths,
            device: Arc::clone(device),
            handle: OnceLock::new(),
            state: Mutex::new(state),
        });
        lock(&LIVE).insert(address, Arc::clone(&request));
        request
    }

    pub(crate) const fn major(&self) -> u8 {
        self.parameters.major
    }

    pub(crate) const fn parameters(&self) -> Parameters {
        self.parameters
    }

    pub(crate) const fn lengths(&self) -> Lengths {
        self.lengths
    }

    /// The address that identifies the open file of the request.
    pub(crate) const fn file(&self) -> usize {
        self.parameters.file
    }

    pub(crate) const fn device(&self) -> &Arc<Device> {
        &self.device
    }

    /// True for a read or write of no bytes.
    pub(crate) const fn is_empty_transfer(&self) -> bool {
        matches!(self.parameters.major, IRP_MJ_READ | IRP_MJ_WRITE)
            && self.lengths.output == 0
            && self.lengths.input == 0
    }

    /// The queue that has the request, or from which the driver got it.
    pub(crate) fn queue(&self) -> Option<Arc<Queue>> {
        lock(&self.state).queue.clone()
    }

    /// Notes the queue in which the request arrives. True if it was cancelled before. The caller
    /// holds the lock of the queue.
    pub(crate) fn enter(&self, queue: &Arc<Queue>) -> bool {
        let mut state = lock(&self.state);
        state.queue = Some(Arc::clone(queue));
        state.cancelled
    }

    /// Like [`Self::enter`], for a request that the driver gives back. `None` if the driver no
    /// longer owns it.
    pub(crate) fn give_back(&self, queue: &Arc<Queue>) -> Option<bool> {
        {
            let mut state = lock(&self.state);
            if state.irp.is_none() || !matches!(state.holder, Holder::Driver(..)) {
                return None;
            }
            state.holder = Holder::Framework;
            if let Some(buffer) = &state.buffer {
                buffer.withdraw();
            }
        }
        Some(self.enter(queue))
    }

    /// True if the driver had the request once. Only then can it get a cancelled request back.
    pub(crate) fn was_presented(&self) -> bool {
        self.handle.get().is_some()
    }

    /// Makes the driver the holder, and returns the handle. `None` when there is no memory for it.
    pub(crate) fn give_to_driver(
        self: &Arc<Self>,
        load: &Arc<Load>,
        by: &'static str,
    ) -> Option<Handle> {
        let handle = if let Some(handle) = self.handle.get() {
            *handle
        } else {
            let call = Call { name: by, load: Arc::clone(load) };
            let made = objects::create(&call, Arc::clone(self), Attributes::default(), None)?;
            *self.handle.get_or_init(|| made)
        };
        let mut state = lock(&self.state);
        state.holder = Holder::Driver(by, Instant::now());
        if let Some(buffer) = &state.buffer {
            buffer.restore();
        }
        Some(handle)
    }

    /// The callback or call that gave the request to the driver, and the time. `None` if the driver
    /// does not hold it.
    pub(crate) fn held_by_driver(&self) -> Option<(&'static str, Instant)> {
        let state = lock(&self.state);
        match state.holder {
            Holder::Driver(by, since) if state.irp.is_some() => Some((by, since)),
            _ => None,
        }
    }

    /// Cancels the request. While the driver holds it, this only sets a mark, which takes effect
    /// when the driver puts the request into a queue.
    pub(crate) fn cancel(self: &Arc<Self>) {
        lock(&self.state).cancelled = true;
        for queue in self.device.queues() {
            if queue.cancel_waiting(self) {
                return;
            }
        }
    }

    /// Completes a request that the framework holds, and deletes its object if it has one.
    pub(crate) fn complete_by_framework(&self, status: NTSTATUS) {
        const CALL: &str = "the framework";
        if let (Some(handle), Some(load)) = (self.handle.get(), load::current()) {
            objects::delete(CALL, &load, *handle);
        }
        let taken = {
            let mut state = lock(&self.state);
            state.irp.take().map(|irp| (irp, state.buffer.take()))
        };
        if let Some((irp, buffer)) = taken {
            if let Some(buffer) = &buffer {
                buffer.restore();
            }
            self.finish(CALL, irp, buffer, status, 0);
        }
    }

    /// Completes a request that the driver holds. False if the driver no longer holds it.
    pub(crate) fn complete_by_driver(
        &self,
        call: &str,
        status: NTSTATUS,
        information: usize,
    ) -> bool {
        let (irp, buffer) = {
            let mut state = lock(&self.state);
            if !matches!(state.holder, Holder::Driver(..)) {
                return false;
            }
            let Some(irp) = state.irp.take() else { return false };
            (irp, state.buffer.take())
        };
        self.finish(call, irp, buffer, status, information);
        true
    }

    /// Returns the IRP to the I/O manager.
    fn finish(
        &self,
        call: &str,
        irp: PendingIrp,
        buffer: Option<Block>,
        status: NTSTATUS,
        information: usize,
    ) {
        lock(&LIVE).remove(&irp.address());
        if buffer.as_ref().is_some_and(|buffer| !buffer.is_intact()) {
            violation(
                call,
                Rule::PoolOverrun,
                "bytes beside the request's buffer were overwritten",
            );
        }
        // The I/O manager copies the buffer unless the status is an error.
        let is_error = status.cast_unsigned() >> 30 == 3;
        let returned = if is_error { 0 } else { information.min(self.lengths.output) };
        let output = buffer.map_or_else(Vec::new, |buffer| buffer.copy_out(returned));
        irp.complete(status, information, &output);
        self.device.files().request_completed(self.parameters.file);
    }

    /// The largest `Information` of a success.
    pub(crate) const fn highest_information(&self) -> usize {
        match self.parameters.major {
            IRP_MJ_WRITE => self.lengths.input,
            _ => self.lengths.output,
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        lock(&self.state).cancelled
    }

    pub(crate) fn information(&self) -> usize {
        lock(&self.state).information
    }

    pub(crate) fn set_information(&self, information: usize) {
        lock(&self.state).information = information;
    }

    /// The address of the buffer, which stays the same until the request is completed.
    pub(crate) fn buffer(&self) -> Option<usize> {
        lock(&self.state).buffer.as_ref().map(Block::address)
    }
}

/// The request of an IRP. `None` once it is completed.
pub(crate) fn of_irp(irp: usize) -> Option<Arc<Request>> {
    lock(&LIVE).get(&irp).cloned()
}

/// The requests that are not completed.
pub(crate) fn live() -> Vec<Arc<Request>> {
    lock(&LIVE).values().cloned().collect()
}

fn make_buffer(irp: &PendingIrp, lengths: Lengths) -> Option<Block> {
    if lengths.code & METHOD_MASK != METHOD_BUFFERED {
        return None;
    }
    let block = Block::new(lengths.input.max(lengths.output), UNWRITTEN)?;
    block.copy_in(&irp.input(lengths.input));
    Some(block)
}
