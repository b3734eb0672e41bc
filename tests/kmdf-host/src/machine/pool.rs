//! Kernel pool: `ExAllocatePool2` and its counterparts.
//!
//! Stricter than Windows: every mistake ends the run, at the call that makes it or at the free. A
//! rule of this project forbids pool allocation inside a session callback.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use kmdf_host_control::Rule;

use crate::machine::guarded::Block;
use crate::machine::irql::{self, APC, DISPATCH};
use crate::machine::load;
use crate::watch::injection;
use crate::watch::rules::violation;
use crate::watch::sync::lock;

const FLAG_UNINITIALIZED: u64 = 0x2;
const FLAG_RAISE_ON_FAILURE: u64 = 0x20;
const FLAG_NON_PAGED: u64 = 0x40;
const FLAG_NON_PAGED_EXECUTE: u64 = 0x80;
const FLAG_PAGED: u64 = 0x100;
const POOL_TYPES: u64 = FLAG_NON_PAGED | FLAG_NON_PAGED_EXECUTE | FLAG_PAGED;
/// The bytes of an allocation that the driver did not ask to be zeroed.
const UNINITIALIZED: u8 = 0xCD;

struct Allocation {
    block: Block,
    tag: u32,
    paged: bool,
}

static POOL: LazyLock<Mutex<HashMap<usize, Allocation>>> = LazyLock::new(Mutex::default);

/// `ExAllocatePool2`.
pub(crate) extern "system" fn allocate_pool_2(flags: u64, bytes: usize, tag: u32) -> usize {
    const CALL: &str = "ExAllocatePool2";
    let paged = flags & FLAG_PAGED != 0;
    irql::require(CALL, if paged { APC } else { DISPATCH });
    if irql::in_session_callback() {
        violation(CALL, Rule::PoolInCallback, "a session callback does not allocate");
    }
    if tag == 0 || (flags & POOL_TYPES).count_ones() != 1 || bytes == 0 {
        violation(
            CALL,
            Rule::BadPoolRequest,
            format!("{bytes} bytes, flags {flags:#x}, tag {tag:#x}"),
        );
    }
    if let Some(failed) = injection::failure(CALL) {
        return failed;
    }
    let fill = if flags & FLAG_UNINITIALIZED == 0 { 0 } else { UNINITIALIZED };
    let Some(block) = Block::new(bytes, fill) else {
        if flags & FLAG_RAISE_ON_FAILURE != 0 {
            violation(CALL, Rule::Unimplemented, "raising on failure");
        }
        return 0;
    };
    let address = block.address();
    lock(&POOL).insert(address, Allocation { block, tag, paged });
    load::require(CALL).counters.pool_allocations.add();
    address
}

/// `ExFreePool`.
pub(crate) extern "system" fn free_pool(address: usize) {
    free("ExFreePool", address, None);
}

/// `ExFreePoolWithTag`.
pub(crate) extern "system" fn free_pool_with_tag(address: usize, tag: u32) {
    free("ExFreePoolWithTag", address, Some(tag));
}

fn free(call: &str, address: usize, tag: Option<u32>) {
    let Some(allocation) = lock(&POOL).remove(&address) else {
        violation(call, Rule::BadPoolFree, format!("{address:#x} is not a live pool block"));
    };
    irql::require(call, if allocation.paged { APC } else { DISPATCH });
    if let Some(tag) = tag
        && tag != allocation.tag
    {
        violation(
            call,
            Rule::WrongPoolTag,
            format!("allocated as {}, freed as {}", tag_text(allocation.tag), tag_text(tag)),
        );
    }
    if !allocation.block.is_intact() {
        violation(
            call,
            Rule::PoolOverrun,
            format!("beside a block of {} bytes", allocation.block.length()),
        );
    }
    load::require(call).counters.pool_frees.add();
}

/// The blocks that are not freed, as `tag: bytes`.
pub(crate) fn left() -> Vec<String> {
    lock(&POOL)
        .values()
        .map(|left| format!("{}: {} bytes", tag_text(left.tag), left.block.length()))
        .collect()
}

fn tag_text(tag: u32) -> String {
    String::from_utf8_lossy(&tag.to_le_bytes()).into_owned()
}
