//! The random numbers of the standard library and of libraries.
//!
//! They import `ProcessPrng` of `bcryptprimitives.dll`, a DLL that the registry does not list among
//! the `KnownDLLs`. This module defines the function and the slot of its import. So the linker
//! takes no import from the DLL, and the first call loads it from System32.
//!
//! Microsoft's linker has a flag with the same effect for all imports: see `build.rs` of the
//! program. GNU's has none.
#![expect(unsafe_code, reason = "an import has fixed names")]

use std::process::abort;

use windows_sys::core::BOOL;

use crate::functions;

functions! {
    /// The random numbers of Windows.
    #[expect(non_snake_case, reason = "a function of Windows, under its own name")]
    #[derive(Debug)]
    struct Random("bcryptprimitives.dll") in windows_sys::Win32::Security::Cryptography {
        fn ProcessPrng(*mut u8, usize) -> BOOL;
    }
}

/// The slot of the import, which the standard library calls through.
#[unsafe(no_mangle)]
static __imp_ProcessPrng: unsafe extern "system" fn(*mut u8, usize) -> BOOL = process_prng;

/// Fills `length` bytes at `data`. Callers without a slot call it by its name.
///
/// # Safety
///
/// `data` has `length` writable bytes.
#[unsafe(export_name = "ProcessPrng")]
unsafe extern "system" fn process_prng(data: *mut u8, length: usize) -> BOOL {
    // No caller checks the result: the function is documented to succeed.
    let Ok(random) = Random::load() else { abort() };
    // SAFETY: by the caller's promise.
    unsafe { (random.ProcessPrng)(data, length) }
}
