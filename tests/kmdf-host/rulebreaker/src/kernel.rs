//! The driver's imports from `ntoskrnl.exe`, and the panic handler that a crate without a standard
//! library needs.
#![expect(unsafe_code, reason = "imports and calls kernel functions")]

use core::panic::PanicInfo;

/// The status of a failing `DriverEntry`.
pub(crate) const STATUS_UNSUCCESSFUL: i32 = 0xC000_0001_u32.cast_signed();
pub(crate) const STATUS_CANCELLED: i32 = 0xC000_0120_u32.cast_signed();
pub(crate) const STATUS_SUCCESS: i32 = 0;
pub(crate) const STATUS_PENDING: i32 = 0x103;

pub(crate) const POOL_FLAG_NON_PAGED: u64 = 0x40;

type Notify = extern "system" fn(usize, usize, u32, usize, usize, u32) -> i32;

#[link(name = "ntoskrnl.exe", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "system" {
    fn ExAllocatePool2(flags: u64, bytes: usize, tag: u32) -> usize;
    fn ExFreePoolWithTag(address: usize, tag: u32);
    fn IoRegisterContainerNotification(
        class: u32,
        callback: Notify,
        information: *const SessionNotification,
        length: u32,
        handle: *mut usize,
    ) -> i32;
    fn IoUnregisterContainerNotification(handle: usize);
    fn IoGetContainerInformation(class: u32, object: usize, buffer: *mut u32, length: u32) -> i32;
    fn KeBugCheckEx(code: u32, first: usize, second: usize, third: usize, fourth: usize);
}

/// `IO_SESSION_STATE_NOTIFICATION`.
#[repr(C)]
pub(crate) struct SessionNotification {
    pub(crate) size: u32,
    pub(crate) flags: u32,
    pub(crate) io_object: usize,
    pub(crate) event_mask: u32,
    pub(crate) context: usize,
}

pub(crate) fn allocate(bytes: usize, tag: u32) -> usize {
    // SAFETY: the function takes only numbers.
    unsafe { ExAllocatePool2(POOL_FLAG_NON_PAGED, bytes, tag) }
}

pub(crate) fn free(address: usize, tag: u32) {
    // SAFETY: the host must detect a wrong argument.
    unsafe { ExFreePoolWithTag(address, tag) };
}

pub(crate) fn register(callback: Notify, notification: &SessionNotification) -> usize {
    let mut handle = 0;
    // SAFETY: all pointers lead to live variables.
    unsafe { IoRegisterContainerNotification(0, callback, notification, 32, &raw mut handle) };
    handle
}

pub(crate) fn unregister(handle: usize) {
    // SAFETY: the function takes a number, and the host must detect a wrong one.
    unsafe { IoUnregisterContainerNotification(handle) };
}

/// Returns the status of the call, and session id, state and locality.
pub(crate) fn session_information(object: usize) -> (i32, [u32; 3]) {
    let mut information = [0; 3];
    // SAFETY: the buffer is as long as stated.
    let status = unsafe { IoGetContainerInformation(0, object, information.as_mut_ptr(), 12) };
    (status, information)
}

pub(crate) fn bug_check() {
    // SAFETY: the function takes only numbers.
    unsafe { KeBugCheckEx(0xDEAD, 1, 2, 3, 4) };
}

/// Writes a byte to any address.
pub(crate) fn poke(address: usize, byte: u8) {
    // SAFETY: none. The host must detect a wrong address.
    unsafe { core::ptr::write_volatile(address as *mut u8, byte) };
}

/// Reads a byte from any address.
pub(crate) fn peek(address: usize) -> u8 {
    // SAFETY: as for [`poke`].
    unsafe { core::ptr::read_volatile(address as *const u8) }
}

#[panic_handler]
fn panic(_information: &PanicInfo<'_>) -> ! {
    bug_check();
    loop {
        core::hint::spin_loop();
    }
}
