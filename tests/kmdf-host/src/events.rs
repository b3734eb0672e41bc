//! Event tracing: providers can register and write, and nobody listens.
//!
//! Laxer than Windows: descriptors and data are not looked at.

use std::{
    collections::HashSet,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use kmdf_host_control::Rule;

use crate::{
    injection,
    irql::{self, PASSIVE},
    memory,
    nt::{STATUS_SUCCESS, Status},
    rules::violation,
    sync::lock,
};

static NEXT: AtomicU64 = AtomicU64::new(0x57D3_0000_0000);
static PROVIDERS: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);

/// `EtwRegister`.
pub(crate) extern "system" fn register(
    _provider: usize,
    _callback: usize,
    _context: usize,
    handle_out: usize,
) -> Status {
    const CALL: &str = "EtwRegister";
    irql::require(CALL, PASSIVE);
    if let Some(failed) = injection::failure(CALL) {
        return failed;
    }
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&PROVIDERS).insert(handle);
    memory::write(CALL, "RegHandle", handle_out, handle);
    STATUS_SUCCESS
}

/// `EtwUnregister`.
pub(crate) extern "system" fn unregister(handle: u64) -> Status {
    const CALL: &str = "EtwUnregister";
    irql::require(CALL, PASSIVE);
    if !lock(&PROVIDERS).remove(&handle) {
        violation(CALL, Rule::ForeignHandle, format!("{handle:#x} is not a provider"));
    }
    STATUS_SUCCESS
}

/// `EtwWrite`, `EtwWriteTransfer`, `EtwSetInformation`.
pub(crate) extern "system" fn accept(handle: u64) -> Status {
    if !lock(&PROVIDERS).contains(&handle) {
        violation("EtwWrite", Rule::ForeignHandle, format!("{handle:#x} is not a provider"));
    }
    STATUS_SUCCESS
}

/// `EtwEventEnabled`, `EtwProviderEnabled`.
pub(crate) extern "system" fn is_enabled(_handle: u64) -> u8 {
    0
}

/// How many providers are left registered.
pub(crate) fn left() -> usize {
    lock(&PROVIDERS).len()
}
