//! The device's queue of requests.

use sessionwatch_protocol::ControlCode;
use wdk_sys::_WDF_IO_QUEUE_DISPATCH_TYPE::WdfIoQueueDispatchParallel;
use wdk_sys::_WDF_TRI_STATE::WdfUseDefault;
use wdk_sys::{
    ULONG, WDF_IO_QUEUE_CONFIG, WDFDEVICE, WDFQUEUE, WDFREQUEST, call_unsafe_wdf_function_binding,
};

use super::context::size_field;
use super::driver::service;
use super::request::Request;
use super::status::{Result, Status};

/// Makes the device's default queue, which hands over device control requests
/// as they come, several at once; the framework refuses all others.
/// At most `DISPATCH_LEVEL`, before the device is open.
pub(super) fn create(device: WDFDEVICE) -> Result {
    let mut config = WDF_IO_QUEUE_CONFIG {
        Size: size_field::<WDF_IO_QUEUE_CONFIG>(),
        DispatchType: WdfIoQueueDispatchParallel,
        PowerManaged: WdfUseDefault,
        DefaultQueue: 1,
        EvtIoDeviceControl: Some(device_control),
        ..WDF_IO_QUEUE_CONFIG::default()
    };
    config.Settings.Parallel.NumberOfPresentedRequests = ULONG::MAX;
    // SAFETY: the device is alive; the configuration lives through the call;
    // neither attributes nor the queue's handle are wanted.
    let status = unsafe {
        call_unsafe_wdf_function_binding!(
            WdfIoQueueCreate,
            device,
            &raw mut config,
            core::ptr::null_mut(),
            core::ptr::null_mut(),
        )
    };
    Status::check(status)
}

/// `EvtIoDeviceControl`. `PASSIVE_LEVEL`, as the device asked for.
extern "C" fn device_control(
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
    let device = unsafe { call_unsafe_wdf_function_binding!(WdfIoQueueGetDevice, queue) };
    // SAFETY: the device is alive as long as its queue.
    let driver = unsafe { call_unsafe_wdf_function_binding!(WdfDeviceGetDriver, device) };
    // SAFETY: the driver object is alive as long as its device.
    if let Some(service) = unsafe { service(driver) } {
        service.device_control(request, code);
    }
}
