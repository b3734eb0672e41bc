//! The device's queues of requests: the default queue, and the queue of pending requests.

use core::sync::atomic::{AtomicPtr, Ordering};

use sessionwatch_protocol::ControlCode;
use wdk_sys::_WDF_IO_QUEUE_DISPATCH_TYPE::{WdfIoQueueDispatchManual, WdfIoQueueDispatchParallel};
use wdk_sys::_WDF_TRI_STATE::WdfUseDefault;
use wdk_sys::{
    ULONG, WDF_IO_QUEUE_CONFIG, WDFDEVICE, WDFQUEUE, WDFQUEUE__, WDFREQUEST,
    call_unsafe_wdf_function_binding,
};

use super::callbacks::Callbacks;
use super::context::size_field;
use super::driver::value_of;
use super::request::Request;
use super::status::{Result, StartError, Status};

/// Creates the device's default queue. It presents device control requests at once, several
/// in parallel; the framework fails all other requests. At most `DISPATCH_LEVEL`, before the
/// device is open.
pub(super) fn create_default<C: Callbacks>(device: WDFDEVICE) -> Result<(), StartError> {
    let mut config = WDF_IO_QUEUE_CONFIG {
        DispatchType: WdfIoQueueDispatchParallel,
        DefaultQueue: 1,
        EvtIoDeviceControl: Some(device_control::<C>),
        ..config()
    };
    config.Settings.Parallel.NumberOfPresentedRequests = ULONG::MAX;
    // The device keeps its default queue, so the handle is not needed.
    create(device, config).map(|_queue| ())
}

/// Creates a queue, which its device deletes. At most `DISPATCH_LEVEL`, before the device is
/// open.
fn create(device: WDFDEVICE, mut config: WDF_IO_QUEUE_CONFIG) -> Result<WDFQUEUE, StartError> {
    let mut queue: WDFQUEUE = core::ptr::null_mut();
    // SAFETY: the device is alive, the configuration and the variable live through the
    // call, and null attributes are allowed.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfIoQueueCreate,
            device,
            &raw mut config,
            core::ptr::null_mut(),
            &raw mut queue,
        )
    };
    Status::check(status).map(|()| queue).map_err(|status| status.of_call("WdfIoQueueCreate"))
}

/// The result of `WDF_IO_QUEUE_CONFIG_INIT`, without the dispatch type.
fn config() -> WDF_IO_QUEUE_CONFIG {
    WDF_IO_QUEUE_CONFIG {
        Size: size_field::<WDF_IO_QUEUE_CONFIG>(),
        PowerManaged: WdfUseDefault,
        ..WDF_IO_QUEUE_CONFIG::default()
    }
}

/// The pending requests, first in, first out, in a manual queue. The framework removes a
/// cancelled request and passes it to [`Callbacks::request_cancelled`].
pub(crate) struct PendingQueue {
    /// Null before the queue is created.
    queue: AtomicPtr<WDFQUEUE__>,
}

impl PendingQueue {
    /// No queue yet.
    pub(crate) const fn none() -> Self {
        Self { queue: AtomicPtr::new(core::ptr::null_mut()) }
    }

    /// Creates the queue. The device deletes it, after [`close`](Self::close). At most
    /// `DISPATCH_LEVEL`, before the device is open.
    pub(super) fn create<C: Callbacks>(&self, device: WDFDEVICE) -> Result<(), StartError> {
        let config = WDF_IO_QUEUE_CONFIG {
            DispatchType: WdfIoQueueDispatchManual,
            EvtIoCanceledOnQueue: Some(canceled_on_queue::<C>),
            ..config()
        };
        self.queue.store(create(device, config)?, Ordering::Release);
        Ok(())
    }

    /// The queue's handle, once it is created.
    fn handle(&self) -> Option<WDFQUEUE> {
        let queue = self.queue.load(Ordering::Acquire);
        (!queue.is_null()).then_some(queue)
    }

    /// Puts a request at the end. The request may be cancelled before this returns, which
    /// calls the driver: the caller holds no lock. At most `DISPATCH_LEVEL`.
    ///
    /// # Errors
    ///
    /// The request, if the queue is closed.
    pub(crate) fn put(&self, request: Request) -> Result<(), Request> {
        match self.handle() {
            Some(queue) => request.forward_to(queue),
            None => Err(request),
        }
    }

    /// Takes out the oldest request, if there is one. At most `DISPATCH_LEVEL`.
    pub(crate) fn take(&self) -> Option<Request> {
        let queue = self.handle()?;
        let mut request: WDFREQUEST = core::ptr::null_mut();
        // SAFETY: the queue lives as long as its device. Every caller runs in a callback of
        // the device, or in a notification callback, and these end before the device is
        // deleted. The variable lives through the call.
        let status = unsafe {
            call_unsafe_wdf_function_binding!(
                WdfIoQueueRetrieveNextRequest,
                queue,
                &raw mut request,
            )
        };
        // The framework reports an empty queue as a failure.
        Status::check(status).ok()?;
        // SAFETY: the framework has handed the request over. Every pending request is a
        // read, whose buffers are the I/O manager's copies.
        Some(unsafe { Request::from_framework(request, sessionwatch_protocol::READ) })
    }

    /// Closes the queue and cancels the pending requests. Returns when the driver owns no
    /// request of the queue. `PASSIVE_LEVEL`, with no lock held.
    pub(crate) fn close(&self) {
        if let Some(queue) = self.handle() {
            // SAFETY: the queue is alive, because its device is deleted after this.
            unsafe { call_unsafe_wdf_function_binding!(WdfIoQueuePurgeSynchronously, queue) };
        }
    }
}

/// `EvtIoDeviceControl`. `PASSIVE_LEVEL`, by the device's execution level.
extern "C" fn device_control<C: Callbacks>(
    queue: WDFQUEUE,
    request: WDFREQUEST,
    _output_length: usize,
    _input_length: usize,
    code: ULONG,
) {
    let code = ControlCode(code);
    // SAFETY: the framework hands the request over to this function.
    let request = unsafe { Request::from_framework(request, code) };
    // SAFETY: the framework passes the queue, alive through this call.
    if let Some(value) = unsafe { value_of_queue::<C>(queue) } {
        value.device_control(request, code);
    }
}

/// `EvtIoCanceledOnQueue`: the request was pending, and the driver owns it again.
/// `PASSIVE_LEVEL`, by the device's execution level.
extern "C" fn canceled_on_queue<C: Callbacks>(queue: WDFQUEUE, request: WDFREQUEST) {
    // SAFETY: the framework hands the request over to this function. Every pending request
    // is a read.
    let request = unsafe { Request::from_framework(request, sessionwatch_protocol::READ) };
    // SAFETY: the framework passes the queue, alive through this call.
    if let Some(value) = unsafe { value_of_queue::<C>(queue) } {
        value.request_cancelled(request);
    }
}

/// The value of a queue's driver.
///
/// # Safety
///
/// [`Driver::<C>::create`](super::Driver::create) created the queue's driver, and the queue
/// outlives `'value`.
unsafe fn value_of_queue<'value, C: Callbacks>(queue: WDFQUEUE) -> Option<&'value C> {
    // SAFETY: the caller passes a live queue.
    let device = unsafe { call_unsafe_wdf_function_binding!(WdfIoQueueGetDevice, queue) };
    // SAFETY: the device is alive as long as its queue.
    let driver = unsafe { call_unsafe_wdf_function_binding!(WdfDeviceGetDriver, device) };
    // SAFETY: the driver object is alive as long as its device.
    unsafe { value_of(driver) }
}
