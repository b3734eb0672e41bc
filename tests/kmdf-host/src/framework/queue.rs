//! `WDFQUEUE`.
//!
//! Requests are presented on worker threads, so the callbacks of a parallel queue really run at the
//! same time. Laxer than Windows, which presents in the thread of the caller; stricter too, since
//! the callback cannot rely on that.
//!
//! A request that waits is in the list of one queue. Whoever takes it out of that list, under the
//! queue's lock, has it: the driver that asks for it, its cancellation, the close of its file, or
//! the purge of the queue. The last three end alike ([`Queue::let_go`]): the driver gets it back by
//! `EvtIoCanceledOnQueue` if there is one and it had the request before; else the framework
//! completes it with `STATUS_CANCELLED`, and the driver does not hear of it.

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

/// How long a queue waits for the driver's requests when it is deleted or purged. On Windows: for
/// ever.
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
    /// How many requests the driver got out of this queue and still has.
    owned: usize,
}

/// A request that was taken out of the list because nobody is going to present it.
struct Dropped {
    request: Arc<Request>,
    /// What tells the driver, which owns the request from then on.
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
    /// A queue that accepts requests. The driver gets to know it by [`Self::set_handle`].
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

    /// Takes a request from the driver; false when no requests are accepted. One that was cancelled
    /// before is taken all the same, and goes the way of those that are cancelled here.
    pub(crate) fn take_forwarded(self: &Arc<Self>, request: &Arc<Request>) -> bool {
        let dropped = {
            let mut state = lock(&self.state);
            if !state.accepting {
                return false;
            }
            let Some(was_cancelled) = request.give_back(self) else {
                let detail = "the request went to somebody else meanwhile";
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
            Some(dropped) => self.let_go(dropped),
            None => self.present(),
        }
        true
    }

    /// Takes out the request that has waited longest, for a driver that asks for one.
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

    /// The driver has completed or forwarded a request that it got out of this queue.
    pub(crate) fn request_left(self: &Arc<Self>) {
        lock(&self.state).owned -= 1;
        self.owned_changed.notify_all();
        self.present();
    }

    /// Takes a request out because it is cancelled; false if it is not here.
    pub(crate) fn cancel_waiting(&self, request: &Arc<Request>) -> bool {
        !self.drop_waiting(|waiting| Arc::ptr_eq(waiting, request)).is_empty()
    }

    /// Takes the requests of a file out, as at the cleanup of its handle.
    pub(crate) fn flush(&self, file: usize) {
        self.drop_waiting(|waiting| waiting.file() == file);
    }

    /// What a test may know.
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

    /// Refuses requests from now on, drops those that wait, and waits until the driver has
    /// completed its own.
    pub(crate) fn purge(&self, call: &str) {
        lock(&self.state).accepting = false;
        self.drop_waiting(|_| true);
        let idle = |state: &State| state.owned == 0 && state.waiting.is_empty();
        if wait_until(&self.state, &self.owned_changed, DRAIN_LIMIT, idle).is_none() {
            violation(call, Rule::NeverCompleted, "the driver still owns requests of the queue");
        }
    }

    /// Takes those that wait and are `meant` out, and lets each go.
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
            self.let_go(dropped);
        }
        requests
    }

    /// Counts a request that is not in the list (any more) as the driver's if the driver is going to
    /// be told, so that nobody takes the queue for idle before that.
    fn drop_request(&self, state: &mut State, request: Arc<Request>) -> Dropped {
        let callback = self.config.canceled_on_queue.filter(|_| request.was_presented());
        if callback.is_some() {
            state.owned += 1;
        }
        Dropped { request, callback }
    }

    /// Stricter than Windows: the callback always comes at `DISPATCH_LEVEL`, the highest that it
    /// can come at.
    fn let_go(&self, Dropped { request, callback }: Dropped) {
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

    /// Hands waiting requests to the driver, as many as it may own.
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
        // A request that was forwarded here may be of a type that this queue has no callback for.
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
