//! A provider of trace events that breaks the configured rule.
#![expect(unsafe_code, reason = "imports and calls kernel functions")]

use core::sync::atomic::Ordering::Relaxed;

use crate::kmdf::{address, call, index};
use crate::rules;
use crate::stages::{SPIN_LOCK, breaks};

const SET_TRAITS: u32 = 2;
const EVENT_DESCRIPTION: u32 = 1;
const PROVIDER_TRAITS: u32 = 2;
const SELF_DESCRIBING: u8 = 11;
/// An address without memory.
const UNREADABLE: usize = 0x10;

static ID: [u8; 16] = *b"the rulebreaker!";
/// The provider's traits: size and name.
static TRAITS: [u8; 4] = [4, 0, b'R', 0];
static OTHER: [u8; 4] = [4, 0, b'S', 0];
/// The event's description: size, tag and name, without fields.
static DESCRIPTION: [u8; 5] = [5, 0, 0, b'E', 0];
static LONG: [u8; 0x1_0000] = [0; 0x1_0000];

/// `EVENT_DESCRIPTOR`.
#[repr(C)]
struct Descriptor {
    id: u16,
    version: u8,
    channel: u8,
    level: u8,
    opcode: u8,
    task: u16,
    keyword: u64,
}

/// `EVENT_DATA_DESCRIPTOR`.
#[derive(Clone, Copy)]
#[repr(C)]
struct Block {
    address: usize,
    size: u32,
    kind: u32,
}

#[link(name = "ntoskrnl.exe", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "system" {
    fn EtwRegister(id: *const [u8; 16], callback: usize, context: usize, out: *mut u64) -> i32;
    fn EtwSetInformation(handle: u64, class: u32, information: *const u8, length: u32) -> i32;
    fn EtwWriteTransfer(
        handle: u64,
        descriptor: *const Descriptor,
        activity: usize,
        related: usize,
        count: u32,
        blocks: *const Block,
    ) -> i32;
    fn EtwUnregister(handle: u64) -> i32;
}

/// Registers, writes an event and unregisters. Does nothing unless the configured rule is one of
/// these, so that only a driver with such a rule is a provider.
pub(crate) fn break_at_entry() {
    if !(rules::WRITE_AFTER_UNREGISTER..=rules::UNNAMED_PROVIDER).any(breaks) {
        return;
    }
    let handle = under_lock(rules::REGISTER_PROVIDER_UNDER_LOCK, register);
    set_traits(handle);
    if breaks(rules::WRITE_AFTER_UNREGISTER) {
        unregister(handle);
    }
    write(handle);
    if breaks(rules::FORGET_PROVIDER) {
        return;
    }
    let handle = handle + u64::from(breaks(rules::FOREIGN_PROVIDER));
    under_lock(rules::UNREGISTER_PROVIDER_UNDER_LOCK, || unregister(handle));
}

fn under_lock<T>(rule: u32, body: impl FnOnce() -> T) -> T {
    if !breaks(rule) {
        return body();
    }
    call(index::SPIN_LOCK_ACQUIRE, [SPIN_LOCK.load(Relaxed)]);
    let result = body();
    call(index::SPIN_LOCK_RELEASE, [SPIN_LOCK.load(Relaxed)]);
    result
}

fn register() -> u64 {
    let mut handle = 0;
    // SAFETY: the pointers lead to a static and a live variable. The callback is optional.
    unsafe { EtwRegister(&raw const ID, 0, 0, &raw mut handle) };
    handle
}

fn set_traits(handle: u64) {
    let length = if breaks(rules::TRAITS_SIZE) { 3 } else { 4 };
    let unnamed = [4_u8, 0, b'R', b'R'];
    let traits = if breaks(rules::UNNAMED_PROVIDER) { unnamed.as_ptr() } else { TRAITS.as_ptr() };
    // SAFETY: the traits have four bytes and outlive the call. The length is at most four.
    unsafe { EtwSetInformation(handle, SET_TRAITS, traits, length) };
}

fn write(handle: u64) {
    let descriptor = Descriptor {
        id: 0,
        version: 0,
        channel: SELF_DESCRIBING,
        level: 4,
        opcode: 0,
        task: 0,
        keyword: 1,
    };
    let traits = if breaks(rules::OTHER_TRAITS) { address(&OTHER) } else { address(&TRAITS) };
    let described = if breaks(rules::EVENT_DESCRIPTION_SIZE) { 4 } else { 5 };
    let kind = if breaks(rules::UNDESCRIBED_EVENT) { 0 } else { EVENT_DESCRIPTION };
    let (data, length) = if breaks(rules::UNREADABLE_EVENT_DATA) {
        (UNREADABLE, 4)
    } else if breaks(rules::EVENT_TOO_LONG) {
        (address(&LONG), 0x1_0000)
    } else {
        (address(&ID), 16)
    };
    let blocks = [
        Block { address: traits, size: 4, kind: PROVIDER_TRAITS },
        Block { address: address(&DESCRIPTION), size: described, kind },
        Block { address: data, size: length, kind: 0 },
    ];
    let count = if breaks(rules::TOO_MANY_EVENT_BLOCKS) { 129 } else { 3 };
    // SAFETY: all pointers are valid, unless the configured rule is that one is not. The host must
    // detect that.
    unsafe { EtwWriteTransfer(handle, &raw const descriptor, 0, 0, count, blocks.as_ptr()) };
}

fn unregister(handle: u64) {
    // SAFETY: the function takes a number, and the host must detect a wrong one.
    unsafe { EtwUnregister(handle) };
}
