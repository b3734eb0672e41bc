//! The clocks of the kernel, which the driver and the host's reports share.
#![expect(unsafe_code, reason = "asks Win32 for the time")]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use kmdf_host_control::Clock;
use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::Performance::{QueryPerformanceCounter, QueryPerformanceFrequency};
use windows_sys::Win32::System::SystemInformation::GetSystemTimePreciseAsFileTime;

use crate::machine::memory;

const UNITS_PER_SECOND: u64 = 10_000_000;

/// The time by which the clocks are ahead of Windows', in 100 ns.
static AHEAD: AtomicU64 = AtomicU64::new(0);

/// Advances the clocks by this time, in 100 ns, so that a scenario of hours takes seconds.
pub(crate) fn advance(by: u64) {
    AHEAD.fetch_add(by, Ordering::SeqCst);
}

/// Both clocks now.
pub(crate) fn now() -> Clock {
    Clock { system: system_time(), interrupt: interrupt_time() }
}

fn system_time() -> u64 {
    let mut time = FILETIME::default();
    // SAFETY: the structure is ours.
    unsafe { GetSystemTimePreciseAsFileTime(&raw mut time) };
    let windows = u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    windows + AHEAD.load(Ordering::SeqCst)
}

/// The interrupt time, scaled from the performance counter. Wine has no precise interrupt time.
fn interrupt_time() -> u64 {
    let scaled = u128::from(counter()) * u128::from(UNITS_PER_SECOND) / u128::from(frequency());
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

fn counter() -> u64 {
    let mut count = 0;
    // SAFETY: the variable is ours.
    unsafe { QueryPerformanceCounter(&raw mut count) };
    let ahead = u128::from(AHEAD.load(Ordering::SeqCst)) * u128::from(frequency());
    let ahead = u64::try_from(ahead / u128::from(UNITS_PER_SECOND)).unwrap_or(u64::MAX);
    count.cast_unsigned().saturating_add(ahead)
}

fn frequency() -> u64 {
    static FREQUENCY: OnceLock<u64> = OnceLock::new();
    *FREQUENCY.get_or_init(|| {
        let mut frequency = 0;
        // SAFETY: the variable is ours.
        unsafe { QueryPerformanceFrequency(&raw mut frequency) };
        frequency.cast_unsigned().max(1)
    })
}

/// `KeQuerySystemTimePrecise`.
pub(crate) extern "system" fn query_system_time_precise(time: usize) {
    memory::write("KeQuerySystemTimePrecise", "CurrentTime", time, system_time());
}

/// `KeQueryInterruptTimePrecise`.
pub(crate) extern "system" fn query_interrupt_time_precise(counter_stamp: usize) -> u64 {
    memory::write("KeQueryInterruptTimePrecise", "QpcTimeStamp", counter_stamp, counter());
    interrupt_time()
}

/// `KeQueryPerformanceCounter`.
pub(crate) extern "system" fn query_performance_counter(frequency_out: usize) -> u64 {
    const CALL: &str = "KeQueryPerformanceCounter";
    memory::write_optional(CALL, "PerformanceFrequency", frequency_out, frequency());
    counter()
}
