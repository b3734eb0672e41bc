//! The kernel's two clocks.

use wdk_sys::LARGE_INTEGER;
use wdk_sys::ntddk::{KeQueryInterruptTimePrecise, KeQuerySystemTimePrecise};

/// System time (100 ns since 1601) and interrupt time (100 ns since boot), precise to the
/// moment of the call, not to the last clock tick. Any IRQL.
pub(crate) fn system_and_interrupt_time() -> (u64, u64) {
    let mut system = LARGE_INTEGER::default();
    // SAFETY: the function writes the time to this variable.
    unsafe { KeQuerySystemTimePrecise(&raw mut system) };
    let mut performance_counter = 0;
    // SAFETY: the function writes the counter to this variable.
    let interrupt = unsafe { KeQueryInterruptTimePrecise(&raw mut performance_counter) };
    // SAFETY: `QuadPart` is all 64 bits of the union, and they are initialized.
    let system = unsafe { system.QuadPart };
    (system.cast_unsigned(), interrupt)
}
