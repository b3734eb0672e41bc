//! The driver's manual queue and its file objects: queued requests, and every way in which they
//! end.
//!
//! The control code of a request selects its treatment. A session event selects the treatment of
//! the queued requests, or of the request that the driver keeps.

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicU32, AtomicUsize};

use crate::kernel::{STATUS_CANCELLED, STATUS_UNSUCCESSFUL, poke};
use crate::kmdf::{FileObjectConfig, QueueConfig, address, call, index, status};
use crate::rules;
use crate::stages::{DEVICE, DRIVER, QUEUE, SPIN_LOCK, breaks, created};

/// Forwards the request to the manual queue.
const PARK: u32 = 0x0022_2010;
/// Keeps the request in the driver.
const KEEP: u32 = 0x0022_2014;
/// Retrieves and completes a request of the manual queue. Returns the status of the retrieval.
const RETRIEVE: u32 = 0x0022_2018;
/// Returns the status of a retrieval from the default queue.
const RETRIEVE_FROM_DEFAULT: u32 = 0x0022_201C;
/// Returns the history: one hexadecimal digit for each callback, in order.
const HISTORY: u32 = 0x0022_2020;
/// Returns 1 if the kept request is cancelled.
const IS_KEPT_CANCELLED: u32 = 0x0022_2024;
/// Returns 1 if the request has a file object of the device.
const HAS_FILE_OBJECT: u32 = 0x0022_2028;

const TERMINATED: u32 = 2;
const DISCONNECTED: u32 = 4;
const LOGON: u32 = 5;
const LOGOFF: u32 = 6;
const FIRST_UNKNOWN_EVENT: u32 = 7;

const CLEANUP: u32 = 1;
const CANCELLED: u32 = 2;
const CLOSE: u32 = 3;

const MANUAL: u32 = 3;
const CANNOT_USE_FS_CONTEXTS: u32 = 4;
const KEY_READ: usize = 0x2_0019;
/// The limit on retrievals in one callback.
const MANY: usize = 10_000;

static MANUAL_QUEUE: AtomicUsize = AtomicUsize::new(0);
static KEPT: AtomicUsize = AtomicUsize::new(0);
static FILE_OBJECT: AtomicUsize = AtomicUsize::new(0);
static LAST_HISTORY: AtomicU32 = AtomicU32::new(0);

fn note(what: u32) {
    let _always = LAST_HISTORY.fetch_update(Relaxed, Relaxed, |history| Some(history << 4 | what));
}

/// Requests file objects.
pub(crate) fn configure_files(init: usize) {
    if breaks(rules::NO_FILE_OBJECTS) {
        return;
    }
    let config = FileObjectConfig {
        size: if breaks(rules::FILE_CONFIG_SIZE) { 32 } else { 40 },
        device_file_create: if breaks(rules::FILE_CREATE_CALLBACK) {
            file_cleanup as *const () as usize
        } else {
            0
        },
        file_close: file_close as *const () as usize,
        file_cleanup: file_cleanup as *const () as usize,
        auto_forward: 2,
        class: if breaks(rules::UNKNOWN_FILE_CLASS) { 5 } else { CANNOT_USE_FS_CONTEXTS },
    };
    call(index::DEVICE_INIT_SET_FILE_OBJECT_CONFIG, [init, address(&config), 0]);
}

/// Creates the manual queue.
pub(crate) fn create_queue(device: usize) {
    let config = QueueConfig {
        size: 96,
        dispatch_type: if breaks(rules::UNKNOWN_DISPATCH_TYPE) { 4 } else { MANUAL },
        power_managed: 2,
        allow_zero_length: 0,
        default_queue: 0,
        io_callbacks: [0; 3],
        io_device_control: if breaks(rules::MANUAL_QUEUE_WITH_CALLBACK) {
            file_cleanup as *const () as usize
        } else {
            0
        },
        other_callbacks: [0; 3],
        io_canceled_on_queue: if breaks(rules::NO_CANCEL_CALLBACK) {
            0
        } else {
            canceled_on_queue as *const () as usize
        },
        presented_requests: breaks(rules::MANUAL_QUEUE_WITH_LIMIT).into(),
        driver: 0,
    };
    if breaks(rules::MANUAL_QUEUE_WITHOUT_HANDLE) {
        call(index::IO_QUEUE_CREATE, [device, address(&config), 0, 0]);
    }
    created(index::IO_QUEUE_CREATE, |out| [device, address(&config), 0, out], &MANUAL_QUEUE);
}

/// Handles a request with a control code of this module. False for any other code.
pub(crate) fn control(request: usize, code: u32) -> bool {
    match code {
        PARK => park(request),
        KEEP => KEPT.store(request, Relaxed),
        RETRIEVE => answer(request, retrieve().cast_unsigned()),
        RETRIEVE_FROM_DEFAULT => {
            let (status, _) = retrieve_from(QUEUE.load(Relaxed));
            answer(request, status.cast_unsigned());
        }
        HISTORY => answer(request, LAST_HISTORY.load(Relaxed)),
        IS_KEPT_CANCELLED => {
            let is_cancelled = call(index::REQUEST_IS_CANCELED, [KEPT.load(Relaxed)]) & 0xFF;
            answer(request, u32::from(is_cancelled != 0));
        }
        HAS_FILE_OBJECT => {
            let file = call(index::REQUEST_GET_FILE_OBJECT, [request]);
            let device = if file == 0 { 0 } else { call(index::FILE_OBJECT_GET_DEVICE, [file]) };
            answer(request, u32::from(file != 0 && device == DEVICE.load(Relaxed)));
        }
        _ => return false,
    }
    true
}

/// Does to queued and kept requests whatever the session event selects.
pub(crate) fn on_event(event: u32) {
    match event {
        LOGON => {
            for _ in 0..MANY {
                if retrieve() < 0 {
                    return;
                }
            }
        }
        LOGOFF => {
            call(index::IO_QUEUE_PURGE_SYNCHRONOUSLY, [MANUAL_QUEUE.load(Relaxed)]);
        }
        TERMINATED => {
            call(index::OBJECT_DELETE, [MANUAL_QUEUE.load(Relaxed)]);
        }
        DISCONNECTED => match KEPT.swap(0, Relaxed) {
            0 => {}
            kept => park(kept),
        },
        FIRST_UNKNOWN_EVENT => match KEPT.swap(0, Relaxed) {
            0 => {}
            kept => answer(kept, 0),
        },
        _ => {}
    }
}

/// Breaks the configured rule with a request. False if the rule needs no request of this module.
pub(crate) fn break_with(request: usize) -> bool {
    let queue = MANUAL_QUEUE.load(Relaxed);
    let forward = |queue| status(index::REQUEST_FORWARD_TO_IO_QUEUE, [request, queue]);
    let mut buffer = 0_usize;
    let out = &raw mut buffer as usize;
    let output = || status(index::REQUEST_RETRIEVE_OUTPUT_BUFFER, [request, 4, out, 0]);
    if breaks(rules::FORWARD_TO_OWN_QUEUE) {
        forward(QUEUE.load(Relaxed));
    } else if breaks(rules::FORWARD_TO_A_DEVICE) {
        forward(DEVICE.load(Relaxed));
    } else if breaks(rules::COMPLETE_FORWARDED) {
        forward(queue);
        call(index::REQUEST_COMPLETE, [request, 0]);
    } else if breaks(rules::FORWARD_TWICE) {
        forward(queue);
        forward(queue);
    } else if breaks(rules::USE_FORWARDED) {
        forward(queue);
        output();
    } else if breaks(rules::USE_FORWARDED_BUFFER) {
        output();
        forward(queue);
        poke(buffer, 0);
    } else if breaks(rules::PURGE_IN_CALLBACK) {
        call(index::IO_QUEUE_PURGE_SYNCHRONOUSLY, [queue]);
    } else if breaks(rules::PURGE_UNDER_LOCK) {
        call(index::SPIN_LOCK_ACQUIRE, [SPIN_LOCK.load(Relaxed)]);
        call(index::IO_QUEUE_PURGE_SYNCHRONOUSLY, [queue]);
    } else if breaks(rules::RETRIEVE_INTO_NULL) {
        call(index::IO_QUEUE_RETRIEVE_NEXT_REQUEST, [queue, 0]);
    } else if breaks(rules::KEEP_RETRIEVED) {
        forward(queue);
        retrieve_from(queue);
    } else if breaks(rules::KEEP_CANCELLED) || breaks(rules::PASSIVE_CALL_WHEN_CANCELLED) {
        forward(queue);
    } else if breaks(rules::DELETE_FILE_OBJECT) {
        let file = call(index::REQUEST_GET_FILE_OBJECT, [request]);
        call(index::OBJECT_DELETE, [file]);
    } else if breaks(rules::LATE_FILE_OBJECT) {
        FILE_OBJECT.store(call(index::REQUEST_GET_FILE_OBJECT, [request]), Relaxed);
        return false;
    } else {
        return false;
    }
    true
}

/// Breaks the rules for the unload.
pub(crate) fn break_at_unload() {
    if breaks(rules::LATE_FILE_OBJECT) {
        call(index::FILE_OBJECT_GET_DEVICE, [FILE_OBJECT.load(Relaxed)]);
    }
}

/// Forwards the request to the manual queue. [`retrieve`] completes it.
fn park(request: usize) {
    let status = status(index::REQUEST_FORWARD_TO_IO_QUEUE, [request, MANUAL_QUEUE.load(Relaxed)]);
    if status < 0 {
        complete(request, status, 0);
    }
}

/// Retrieves a request from the manual queue and completes it with its own input.
fn retrieve() -> i32 {
    let (result, request) = retrieve_from(MANUAL_QUEUE.load(Relaxed));
    if result < 0 {
        return if request == 0 { result } else { STATUS_UNSUCCESSFUL };
    }
    let mut buffer = 0_usize;
    let out = &raw mut buffer as usize;
    let information = match status(index::REQUEST_RETRIEVE_INPUT_BUFFER, [request, 4, out, 0]) {
        0.. => 4,
        _ => 0,
    };
    complete(request, 0, information);
    result
}

fn retrieve_from(queue: usize) -> (i32, usize) {
    // Not NULL, because a failed retrieval must set it to NULL.
    let mut request = usize::MAX;
    let out = &raw mut request as usize;
    let result = status(index::IO_QUEUE_RETRIEVE_NEXT_REQUEST, [queue, out]);
    (result, request)
}

fn answer(request: usize, number: u32) {
    let mut buffer = 0_usize;
    let out = &raw mut buffer as usize;
    let found = status(index::REQUEST_RETRIEVE_OUTPUT_BUFFER, [request, 4, out, 0]);
    if found < 0 {
        return complete(request, found, 0);
    }
    number.to_le_bytes().iter().enumerate().for_each(|(at, byte)| poke(buffer + at, *byte));
    complete(request, 0, 4);
}

fn complete(request: usize, status: i32, information: usize) {
    let status = status.cast_unsigned() as usize;
    call(index::REQUEST_COMPLETE_WITH_INFORMATION, [request, status, information]);
}

extern "system" fn canceled_on_queue(_queue: usize, request: usize) {
    note(CANCELLED);
    if breaks(rules::PASSIVE_CALL_WHEN_CANCELLED) {
        call(index::DRIVER_OPEN_PARAMETERS, [DRIVER.load(Relaxed), KEY_READ, 0, 0]);
    }
    if !breaks(rules::KEEP_CANCELLED) {
        complete(request, STATUS_CANCELLED, 0);
    }
}

extern "system" fn file_cleanup(_file: usize) {
    note(CLEANUP);
}

extern "system" fn file_close(_file: usize) {
    note(CLOSE);
}
