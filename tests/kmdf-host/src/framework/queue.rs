//! `WDFQUEUE`: queued requests, and their presentation to the driver.
//!
//! The host presents requests on worker threads, so the callbacks of a parallel queue run at the
//! same time. Windows presents on the thread of the caller. So the host is laxer: it misses a
//! mistake that shows only on that thread. It is also stricter: a callback cannot rely on that
//! thread.
//!
//! A queued request is in the list of one queue. It belongs to the first of these that takes it out
//! under the queue's lock: a retrieval by the driver, its cancellation, the close of its file, or
//! the purge of the queue. The last three drop it ([`Queue::end_dropped`]):
//! - If the driver had the request before, and the queue has an `EvtIoCanceledOnQueue`, that
//!   callback gives it back to the driver.
//! - Otherwise the framework completes it with `STATUS_CANCELLED`, and the driver gets no callback.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use kmdf_host_control::{QueueReport, Rule};
use windows_sys::Win32::Foundation::{
    STATUS_CANCELLED, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_DEVICE_REQUEST,
    STATUS_INVALID_DEVICE_STATE, STATUS_SUCCESS,
};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::device::{self, Device};
use crate::framework::objects::Kind;
use crate::framework::queue_config::{Config, Dispatch, Presentation};
use crate::framework::request::Request;
use crate::machine::callback::Callback;
use crate::machine::{irql, load, workers};
use crate::watch::rules::violation;
use crate::watch::sync::{lock, wait_until};

/// The time limit on the driver's requests when a queue is purged or deleted. Windows sets no
/// limit.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// A queue of a device.
pub(crate) struct Queue {
    device: Handle,
    handle: OnceLock<Handle>,
    config: Config,
    state: Mutex<State>,
    owned_changed: Condvar,
}

struct State {
    accepting: bool,
    waiting: VecDeque<Arc<Request>>,
    /// The number of requests that the driver got out of this queue and still has.
    owned: usize,
}

/// A request that was taken out of the list without being presented.
struct Dropped {
    request: Arc<Request>,
    /// The callback that gives the request to the driver. `None` if the framework completes it.
    callback: Option<Callback>,
}

impl Kind for Queue {
    const NAME: &'static str = "WDFQUEUE";

    fn deletable(&self) -> bool {
        !self.config.is_default
    }

    fn quiesce(&self, call: &str, _handle: Handle) {
        self.purge(call);
    }

    fn dispose(&self) {
        if let Some(device) = self.find_device() {
            device.remove_queue(self.handle());
        }
    }
}

impl Queue {
    /// A queue that accepts requests. It has no handle before [`Self::set_handle`].
    pub(crate) fn new(device: Handle, config: Config) -> Arc<Self> {
        Arc::new(Self {
            device,
            handle: OnceLock::new(),
            config,
            state: Mutex::new(State { accepting: true, waiting: VecDeque::new(), owned: 0 }),
            owned_changed: Condvar::new(),
        })
    }

    pub(crate) fn set_handle(&self, handle: Handle) {
        self.handle.get_or_init(|| handle);
    }

    pub(crate) fn handle(&self) -> Handle {
        self.handle.get().copied().unwrap_or(0)
    }

    pub(crate) const fn device(&self) -> Handle {
        self.device
    }

    pub(crate) const fn dispatch(&self) -> Dispatch {
        self.config.dispatch
    }

    fn find_device(&self) -> Option<Arc<Device>> {
        device::find(self.device)
    }

    /// Takes a request from the I/O manager.
    pub(crate) fn arrive(self: &Arc<Self>, request: &Arc<Request>) {
        if self.config.dispatch != Dispatch::Manual && self.presentation(request).is_none() {
            return request.complete_by_framework(STATUS_INVALID_DEVICE_REQUEST);
        }
        if request.is_empty_transfer() && !self.config.allow_zero_length {
            return request.complete_by_framework(STATUS_SUCCESS);
        }
        let refused = {
            let mut state = lock(&self.state);
            if !state.accepting {
                Some(STATUS_INVALID_DEVICE_STATE)
            } else if request.enter(self) {
                Some(STATUS_CANCELLED)
            } else {
                state.waiting.push_back(Arc::clone(request));
                None
            }
        };
        match refused {
            Some(status) => request.complete_by_framework(status),
            None => self.present(),
        }
    }

    /// Takes a request from the driver; false if the queue accepts none. If the request was
    /// cancelled before, the queue takes it and drops it at once.
    pub(crate) fn take_forwarded(self: &Arc<Self>, request: &Arc<Request>) -> bool {
        let dropped = {
            let mut state = lock(&self.state);
            if !state.accepting {
                return false;
            }
            let Some(was_cancelled) = request.give_back(self) else {
                let detail = "another thread took the request meanwhile";
                violation("WdfRequestForwardToIoQueue", Rule::RequestNotOwned, detail);
            };
            if was_cancelled {
                Some(self.drop_request(&mut state, Arc::clone(request)))
            } else {
                state.waiting.push_back(Arc::clone(request));
                None
            }
        };
        match dropped {
            Some(dropped) => self.end_dropped(dropped),
            None => self.present(),
        }
        true
    }

    /// Retrieves the oldest request for the driver.
    pub(crate) fn retrieve(&self, call: &Call) -> Option<Arc<Request>> {
        let mut state = lock(&self.state);
        if self.config.dispatch == Dispatch::Sequential && state.owned == 0 {
            drop(state);
            call.fail(Rule::BadArgument, "the sequential queue is presenting requests by itself");
        }
        let request = state.waiting.pop_front()?;
        state.owned += 1;
        Some(request)
    }

    /// Counts a request of this queue that the driver has completed or forwarded.
    pub(crate) fn request_left(self: &Arc<Self>) {
        lock(&self.state).owned -= 1;
        self.owned_changed.notify_all();
        self.present();
    }

    /// Drops a request because it is cancelled. False if it is not in this queue.
    pub(crate) fn cancel_waiting(&self, request: &Arc<Request>) -> bool {
        !self.drop_waiting(|waiting| Arc::ptr_eq(waiting, request)).is_empty()
    }

    /// Drops the requests of a file, as Windows does at its cleanup.
    pub(crate) fn flush(&self, file: usize) {
        self.drop_waiting(|waiting| waiting.file() == file);
    }

    /// The state of the queue, for a test.
    pub(crate) fn report(&self) -> QueueReport {
        let state = lock(&self.state);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        QueueReport {
            is_default: self.config.is_default,
            is_manual: self.config.dispatch == Dispatch::Manual,
            accepting: state.accepting,
            waiting: count(state.waiting.len()),
            owned: count(state.owned),
        }
    }

    /// Rejects requests from now on, drops the queued ones, and waits until the driver has
    /// completed its own.
    pub(crate) fn purge(&self, call: &str) {
        lock(&self.state).accepting = false;
        self.drop_waiting(|_| true);
        let idle = |state: &State| state.owned == 0 && state.waiting.is_empty();
        if wait_until(&self.state, &self.owned_changed, DRAIN_LIMIT, idle).is_none() {
            violation(call, Rule::NeverCompleted, "the driver still owns requests of the queue");
        }
    }

    /// Drops the queued requests that are `meant`, and returns them.
    fn drop_waiting(&self, meant: impl Fn(&Arc<Request>) -> bool) -> Vec<Arc<Request>> {
        let dropped: Vec<_> = {
            let mut state = lock(&self.state);
            let (taken, kept): (VecDeque<_>, _) =
                std::mem::take(&mut state.waiting).into_iter().partition(|waiting| meant(waiting));
            state.waiting = kept;
            taken.into_iter().map(|request| self.drop_request(&mut state, request)).collect()
        };
        let requests = dropped.iter().map(|dropped| Arc::clone(&dropped.request)).collect();
        for dropped in dropped {
            self.end_dropped(dropped);
        }
        requests
    }

    /// Marks a request as dropped. If a callback will give it to the driver, it counts as the
    /// driver's already, so that the queue is not idle before the callback.
    fn drop_request(&self, state: &mut State, request: Arc<Request>) -> Dropped {
        let callback = self.config.canceled_on_queue.filter(|_| request.was_presented());
        if callback.is_some() {
            state.owned += 1;
        }
        Dropped { request, callback }
    }

    /// Gives a dropped request to the driver, or completes it. Stricter than Windows: the callback
    /// always runs at `DISPATCH_LEVEL`, the highest IRQL that it can run at.
    fn end_dropped(&self, Dropped { request, callback }: Dropped) {
        let load = load::require("EvtIoCanceledOnQueue");
        load.counters.requests_cancelled.add();
        let Some(callback) = callback else {
            return request.complete_by_framework(STATUS_CANCELLED);
        };
        if let Some(handle) = request.give_to_driver(&load, callback.name()) {
            irql::as_dispatch(|| callback.call(&load, [self.handle(), handle]));
        }
    }

    fn presentation(&self, request: &Request) -> Option<Presentation> {
        self.config.callbacks.of(request.major())
    }

    /// Presents queued requests, up to the number that the driver may own.
    fn present(self: &Arc<Self>) {
        loop {
            let request = {
                let mut state = lock(&self.state);
                if state.owned >= self.config.dispatch.limit() {
                    return;
                }
                let Some(request) = state.waiting.pop_front() else { return };
                state.owned += 1;
                request.device().files().presentation_begins(request.file());
                request
            };
            let queue = Arc::clone(self);
            workers::submit(move || {
                queue.present_one(&request);
                request.device().files().presentation_ends(request.file());
            });
        }
    }

    fn present_one(self: &Arc<Self>, request: &Arc<Request>) {
        let load = load::require("EvtIo");
        // The queue may have no callback for the type of a forwarded request.
        let Some(presentation) = self.presentation(request) else {
            request.complete_by_framework(STATUS_INVALID_DEVICE_REQUEST);
            return self.request_left();
        };
        let Some(handle) = request.give_to_driver(&load, presentation.name()) else {
            request.complete_by_framework(STATUS_INSUFFICIENT_RESOURCES);
            return self.request_left();
        };
        load.counters.requests_presented.add();
        presentation.present(&load, self.handle(), handle, request.lengths());
    }
}
