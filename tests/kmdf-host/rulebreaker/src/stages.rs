//! The stages of the driver. Each breaks the configured rule if it is one of its own.

use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicU16, AtomicU32, AtomicUsize};

use crate::kernel::{
    self, STATUS_PENDING, STATUS_SUCCESS, STATUS_UNSUCCESSFUL, SessionNotification, peek, poke,
};
use crate::kmdf::{Attributes, DriverConfig, Wide, address, call, call_as, index, status};
use crate::{device, rules, tracing, waiting};

const TAG: u32 = u32::from_le_bytes(*b"RbRk");
const BLOCK_BYTES: usize = 40;
const NON_PNP_DRIVER: u32 = 1;
const KEY_READ: usize = 0x2_0019;
const ALL_EVENTS: u32 = u32::MAX;

pub(crate) static SECURITY: Wide<27> = Wide::new(b"D:P(A;;GA;;;SY)(A;;GA;;;BA)");
static RULE_NAME: Wide<4> = Wide::new(b"Rule");

static RULE: AtomicU32 = AtomicU32::new(0);
pub(crate) static DRIVER: AtomicUsize = AtomicUsize::new(0);
pub(crate) static DEVICE: AtomicUsize = AtomicUsize::new(0);
pub(crate) static QUEUE: AtomicUsize = AtomicUsize::new(0);
pub(crate) static SPIN_LOCK: AtomicUsize = AtomicUsize::new(0);
static REGISTRATION: AtomicUsize = AtomicUsize::new(0);
static BLOCK: AtomicUsize = AtomicUsize::new(0);
static SESSION_OBJECT: AtomicUsize = AtomicUsize::new(0);
static EVENTS: AtomicU32 = AtomicU32::new(0);

static PATH_UNITS: [AtomicU16; 260] = [const { AtomicU16::new(0) }; 260];
static PATH: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// Copies the registry path, because the original does not outlive the start.
pub(crate) fn keep_registry_path(path: usize) {
    let bytes = u16::from_le_bytes([peek(path), peek(path + 1)]);
    let source = usize::from_le_bytes([8, 9, 10, 11, 12, 13, 14, 15].map(|at| peek(path + at)));
    for (at, unit) in PATH_UNITS.iter().enumerate().take(usize::from(bytes / 2)) {
        unit.store(u16::from_le_bytes([peek(source + at * 2), peek(source + at * 2 + 1)]), Relaxed);
    }
    PATH[0].store(usize::from(bytes) | usize::from(bytes) << 16, Relaxed);
    PATH[1].store(PATH_UNITS.as_ptr() as usize, Relaxed);
}

/// The address of the copy, as a `UNICODE_STRING`.
pub(crate) fn registry_path() -> usize {
    PATH.as_ptr() as usize
}

pub(crate) fn breaks(rule: u32) -> bool {
    RULE.load(Relaxed) == rule
}

pub(crate) fn attributes() -> Attributes {
    Attributes {
        size: 56,
        cleanup: 0,
        destroy: 0,
        execution_level: 1,
        synchronization_scope: 1,
        parent: 0,
        context_size_override: 0,
        context_type: 0,
    }
}

/// Calls a create function, which stores the new handle in `into`. Returns its status.
pub(crate) fn created<const N: usize>(
    index: usize,
    arguments: impl FnOnce(usize) -> [usize; N],
    into: &AtomicUsize,
) -> i32 {
    status(index, arguments(into.as_ptr() as usize))
}

pub(crate) fn driver_entry(driver_object: usize) -> i32 {
    let result = create_driver(driver_object);
    if result < 0 {
        return result;
    }
    read_rule();
    break_at_entry(driver_object);
    created(index::SPIN_LOCK_CREATE, |out| [0, out], &SPIN_LOCK);
    break_locks();
    tracing::break_at_entry();
    BLOCK
        .store(kernel::allocate(BLOCK_BYTES, if breaks(rules::NO_TAG) { 0 } else { TAG }), Relaxed);
    if breaks(rules::OVERRUN) {
        poke(BLOCK.load(Relaxed) + BLOCK_BYTES, 0);
    }
    let result = device::create();
    if result < 0 {
        return result;
    }
    register(driver_object);
    if breaks(rules::FAIL_WITH_REGISTRATION) {
        return STATUS_UNSUCCESSFUL;
    }
    if breaks(rules::FAIL_WITH_POOL) || breaks(rules::FAIL_CLEANLY) {
        kernel::unregister(REGISTRATION.load(Relaxed));
        if breaks(rules::FAIL_CLEANLY) {
            kernel::free(BLOCK.load(Relaxed), TAG);
        }
        return STATUS_UNSUCCESSFUL;
    }
    if !breaks(rules::NEVER_FINISH_DEVICE) {
        call(index::CONTROL_FINISH_INITIALIZING, [DEVICE.load(Relaxed)]);
    }
    STATUS_SUCCESS
}

fn create_driver(driver_object: usize) -> i32 {
    let config = DriverConfig {
        size: 32,
        device_add: 0,
        unload: unload as *const () as usize,
        init_flags: NON_PNP_DRIVER,
        pool_tag: TAG,
    };
    let arguments = |out| [driver_object, registry_path(), 0, address(&config), out];
    created(index::DRIVER_CREATE, arguments, &DRIVER)
}

fn read_rule() {
    let key = AtomicUsize::new(0);
    let driver = DRIVER.load(Relaxed);
    if created(index::DRIVER_OPEN_PARAMETERS, |out| [driver, KEY_READ, 0, out], &key) < 0 {
        return;
    }
    let name = RULE_NAME.text();
    let key = key.load(Relaxed);
    status(index::REGISTRY_QUERY_ULONG, [key, address(&name), RULE.as_ptr() as usize]);
    call(index::REGISTRY_CLOSE, [key]);
}

/// Breaks the rules that need no device.
fn break_at_entry(driver_object: usize) {
    let driver = DRIVER.load(Relaxed);
    match RULE.load(Relaxed) {
        rules::SECOND_DRIVER => {
            create_driver(driver_object);
        }
        rules::DRIVER_CONFIG_SIZE => {
            let config = DriverConfig {
                size: 40,
                device_add: 0,
                unload: 0,
                init_flags: NON_PNP_DRIVER,
                pool_tag: 0,
            };
            call(index::DRIVER_CREATE, [driver_object, registry_path(), 0, address(&config), 0]);
        }
        rules::ATTRIBUTES_SIZE => {
            let attributes = Attributes { size: 48, ..attributes() };
            let mut lock = 0_usize;
            let out = &raw mut lock as usize;
            call(index::SPIN_LOCK_CREATE, [address(&attributes), out]);
        }
        rules::LEAK_DEVICE_INIT => {
            call(index::CONTROL_DEVICE_INIT_ALLOCATE, [driver, address(&SECURITY.text())]);
        }
        rules::UNIMPLEMENTED_ENTRY => {
            call(index::TIMER_CREATE, [0, 0, 0]);
        }
        rules::WRONG_GLOBALS => {
            call_as(address(&TAG), index::CONTROL_DEVICE_INIT_ALLOCATE, [driver]);
        }
        rules::BUG_CHECK => kernel::bug_check(),
        _ => {}
    }
}

/// Breaks the rules for handles and locks.
fn break_locks() {
    let lock = SPIN_LOCK.load(Relaxed);
    match RULE.load(Relaxed) {
        rules::NULL_HANDLE => {
            call(index::SPIN_LOCK_ACQUIRE, [0]);
        }
        rules::FOREIGN_HANDLE => {
            call(index::SPIN_LOCK_ACQUIRE, [address(&TAG)]);
        }
        rules::WRONG_HANDLE_TYPE => {
            call(index::SPIN_LOCK_ACQUIRE, [DRIVER.load(Relaxed)]);
        }
        rules::STALE_HANDLE => {
            call(index::OBJECT_DELETE, [lock]);
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
        }
        rules::RELEASE_TWICE => {
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
            call(index::SPIN_LOCK_RELEASE, [lock]);
            call(index::SPIN_LOCK_RELEASE, [lock]);
        }
        rules::ACQUIRE_TWICE => {
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
        }
        rules::PASSIVE_CALL_UNDER_LOCK => {
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
            call(index::DRIVER_OPEN_PARAMETERS, [DRIVER.load(Relaxed), KEY_READ, 0, 0]);
        }
        _ => {}
    }
}

fn register(driver_object: usize) {
    let notification = SessionNotification {
        size: if breaks(rules::NOTIFICATION_SIZE) { 28 } else { 32 },
        flags: 0,
        io_object: driver_object,
        event_mask: ALL_EVENTS,
        context: address(&TAG),
    };
    REGISTRATION.store(kernel::register(on_session, &notification), Relaxed);
}

extern "system" fn on_session(
    object: usize,
    _io_object: usize,
    event: u32,
    _context: usize,
    payload: usize,
    _length: u32,
) -> i32 {
    match RULE.load(Relaxed) {
        rules::UNREGISTER_IN_CALLBACK => kernel::unregister(REGISTRATION.load(Relaxed)),
        rules::ALLOCATE_IN_CALLBACK => {
            kernel::allocate(BLOCK_BYTES, TAG);
        }
        rules::NULL_SESSION_OBJECT => {
            kernel::session_information(0);
        }
        _ => {}
    }
    SESSION_OBJECT.store(object, Relaxed);
    let lock = SPIN_LOCK.load(Relaxed);
    let (result, _) = kernel::session_information(object);
    call(index::SPIN_LOCK_ACQUIRE, [lock]);
    EVENTS.fetch_add(1, Relaxed);
    if breaks(rules::PAYLOAD_UNDER_LOCK) && payload != 0 {
        peek(payload);
    }
    call(index::SPIN_LOCK_RELEASE, [lock]);
    waiting::on_event(event);
    result
}

/// Completes a request with the number of events seen, unless it breaks a rule.
pub(crate) extern "system" fn device_control(
    _queue: usize,
    request: usize,
    _output: usize,
    _input: usize,
    code: u32,
) {
    if waiting::control(request, code) || waiting::break_with(request) {
        return;
    }
    let lock = SPIN_LOCK.load(Relaxed);
    let mut buffer = 0_usize;
    let out = &raw mut buffer as usize;
    let found = status(index::REQUEST_RETRIEVE_OUTPUT_BUFFER, [request, 4, out, 0]);
    if found < 0 {
        call(index::REQUEST_COMPLETE, [request, found.cast_unsigned() as usize]);
        return;
    }
    let mut information = 4;
    match RULE.load(Relaxed) {
        rules::NEVER_COMPLETE => return,
        rules::HOLD_LOCK_AT_RETURN => {
            call(index::SPIN_LOCK_ACQUIRE, [lock]);
            return;
        }
        rules::RELEASE_OTHERS_LOCK => release_others_lock(lock),
        rules::INFORMATION_TOO_LARGE => information = 5,
        rules::LATE_SESSION_OBJECT => {
            kernel::session_information(SESSION_OBJECT.load(Relaxed));
        }
        rules::OVERRUN_REQUEST_BUFFER => poke(buffer + 4, 0),
        rules::COMPLETE_AS_PENDING => {
            call(index::REQUEST_COMPLETE, [request, STATUS_PENDING.cast_unsigned() as usize]);
        }
        _ => {}
    }
    call(index::SPIN_LOCK_ACQUIRE, [lock]);
    let events = EVENTS.load(Relaxed).to_le_bytes();
    events.iter().enumerate().for_each(|(at, byte)| poke(buffer + at, *byte));
    call(index::SPIN_LOCK_RELEASE, [lock]);
    call(index::REQUEST_COMPLETE_WITH_INFORMATION, [request, 0, information]);
    if breaks(rules::COMPLETE_TWICE) {
        call(index::REQUEST_COMPLETE, [request, 0]);
    }
    if breaks(rules::LATE_REQUEST_BUFFER) {
        poke(buffer, 0);
    }
}

/// The first thread acquires the lock and waits. The second thread releases the lock.
fn release_others_lock(lock: usize) {
    static ARRIVED: AtomicU32 = AtomicU32::new(0);
    static HELD: AtomicU32 = AtomicU32::new(0);
    if ARRIVED.fetch_add(1, Relaxed) == 0 {
        call(index::SPIN_LOCK_ACQUIRE, [lock]);
        HELD.store(1, Relaxed);
        // The other thread's release ends the process. This bounds the wait if the host misses it.
        for _ in 0..u32::MAX {
            core::hint::spin_loop();
        }
        call(index::SPIN_LOCK_RELEASE, [lock]);
    } else {
        for _ in 0..u32::MAX {
            if HELD.load(Relaxed) != 0 {
                break;
            }
            core::hint::spin_loop();
        }
        call(index::SPIN_LOCK_RELEASE, [lock]);
    }
}

extern "system" fn unload(_driver: usize) {
    let registration = REGISTRATION.load(Relaxed);
    let block = BLOCK.load(Relaxed);
    match RULE.load(Relaxed) {
        rules::FORGET_REGISTRATION => {}
        rules::UNREGISTER_TWICE => {
            kernel::unregister(registration);
            kernel::unregister(registration);
        }
        rules::UNREGISTER_UNDER_LOCK => {
            call(index::SPIN_LOCK_ACQUIRE, [SPIN_LOCK.load(Relaxed)]);
            kernel::unregister(registration);
        }
        _ => kernel::unregister(registration),
    }
    match RULE.load(Relaxed) {
        rules::LEAK_POOL => {}
        rules::FREE_TWICE => {
            kernel::free(block, TAG);
            kernel::free(block, TAG);
        }
        rules::WRONG_TAG => kernel::free(block, TAG + 1),
        rules::USE_FREED_POOL => {
            kernel::free(block, TAG);
            poke(block, 0);
        }
        _ => kernel::free(block, TAG),
    }
    waiting::break_at_unload();
}
