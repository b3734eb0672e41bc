//! Pointers that come from the driver.
//!
//! The host checks each one before it uses it. NULL, or an address without usable memory, ends the
//! run with the name of the call. Windows crashes, or returns a status in some cases.
#![expect(unsafe_code, reason = "reads and writes the driver's memory after checking it")]

use std::ptr;

use kmdf_host_control::Rule;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEMORY_BASIC_INFORMATION, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY,
    PAGE_GUARD, PAGE_NOACCESS, PAGE_READWRITE, PAGE_WRITECOPY, VirtualQuery,
};
use zerocopy::{FromBytes, IntoBytes};

use crate::watch::rules::violation;

const WRITABLE: u32 =
    PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
const UNUSABLE: u32 = PAGE_NOACCESS | PAGE_GUARD;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// Reads a structure.
pub(crate) fn read<T: FromBytes>(call: &str, what: &str, address: usize) -> T {
    check(call, what, address, size_of::<T>(), Access::Read);
    // SAFETY: the bytes are readable, any bytes make a `T`, and alignment is not assumed.
    unsafe { ptr::read_unaligned(address as *const T) }
}

/// Reads bytes.
pub(crate) fn read_bytes(call: &str, what: &str, address: usize, length: usize) -> Vec<u8> {
    check(call, what, address, length, Access::Read);
    let mut bytes = vec![0; length];
    // SAFETY: the bytes are readable, and the copy has the same length and lies elsewhere.
    unsafe { ptr::copy_nonoverlapping(address as *const u8, bytes.as_mut_ptr(), length) };
    bytes
}

/// Writes a value.
pub(crate) fn write<T: IntoBytes>(call: &str, what: &str, address: usize, value: T) {
    check(call, what, address, size_of::<T>(), Access::Write);
    // SAFETY: the bytes are writable, and the driver passed them for this.
    unsafe { ptr::write_unaligned(address as *mut T, value) };
}

/// Writes a value if the pointer is not NULL.
pub(crate) fn write_optional<T: IntoBytes>(call: &str, what: &str, address: usize, value: T) {
    if address != 0 {
        write(call, what, address, value);
    }
}

/// Reads a string that ends with a zero unit, of at most `limit` units.
pub(crate) fn read_terminated<T: FromBytes + PartialEq + Default>(
    call: &str,
    what: &str,
    address: usize,
    limit: usize,
) -> Vec<T> {
    let mut units = Vec::new();
    for index in 0..limit {
        let unit = read::<T>(call, what, address.wrapping_add(index * size_of::<T>()));
        if unit == T::default() {
            return units;
        }
        units.push(unit);
    }
    violation(call, Rule::BadString, format!("{what} does not end within {limit} characters"))
}

fn check(call: &str, what: &str, address: usize, length: usize, access: Access) {
    if address == 0 {
        violation(call, Rule::NullPointer, format!("{what} is NULL"));
    }
    if !usable(address, length, access) {
        violation(
            call,
            Rule::BadPointer,
            format!(
                "{what} is {address:#x}, which does not lead to {length} bytes that can be used"
            ),
        );
    }
}

fn usable(address: usize, length: usize, access: Access) -> bool {
    let Some(end) = address.checked_add(length) else { return false };
    let mut next = address;
    // Each turn moves past one region of the address space, so the loop ends.
    while next < end {
        let mut region = MEMORY_BASIC_INFORMATION::default();
        // SAFETY: the structure is ours and of the size stated; any address may be asked for.
        let answered = unsafe {
            VirtualQuery(next as *const _, &raw mut region, size_of::<MEMORY_BASIC_INFORMATION>())
        };
        let protection = region.Protect;
        let readable = region.State == MEM_COMMIT && protection & UNUSABLE == 0;
        if answered == 0 || !readable || (access == Access::Write && protection & WRITABLE == 0) {
            return false;
        }
        next = region.BaseAddress as usize + region.RegionSize;
    }
    true
}
