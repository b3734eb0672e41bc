//! Memory for the driver: pool, contexts, request buffers, payloads.
//!
//! A block ends where a page without access begins, so most overruns fault at once. A pattern fills
//! the rest of its pages, and shows a write beside the block when the block is freed. The addresses
//! of a freed block stay reserved for a while without access, so a late use faults too.
#![expect(unsafe_code, reason = "allocates pages and fills them")]

use std::collections::{BTreeMap, VecDeque};
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Mutex;

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE,
    VirtualAlloc, VirtualFree, VirtualProtect,
};

use crate::watch::sync::lock;

const PAGE: usize = 4096;
/// The alignment of pool on 64-bit Windows.
const POOL_ALIGNMENT: usize = 16;
const GUARD_BYTE: u8 = 0xFD;
/// The number of freed blocks whose addresses stay reserved.
const QUARANTINED: usize = 4096;

/// The address space of each block in use, by its first address.
static LIVE: Mutex<BTreeMap<usize, Space>> = Mutex::new(BTreeMap::new());
/// The address space of the blocks that were freed last: first address and length.
static QUARANTINE: Mutex<VecDeque<(usize, usize)>> = Mutex::new(VecDeque::new());

/// The address space of a block.
#[derive(Clone, Copy)]
struct Space {
    reserved: usize,
    /// True while the driver has no access.
    withdrawn: bool,
}

/// A block of bytes for the driver.
pub(crate) struct Block {
    base: NonNull<u8>,
    committed: usize,
    offset: usize,
    length: usize,
}

// SAFETY: the block owns its pages. A data race on their bytes is the driver's.
unsafe impl Send for Block {}
// SAFETY: as above; the host itself only reads and writes whole blocks before and after the driver.
unsafe impl Sync for Block {}

/// The pages of a block of paged memory, which can be paged out for a while.
#[derive(Clone, Copy)]
pub(crate) struct Pages {
    base: usize,
    committed: usize,
}

impl Pages {
    /// Takes all access away.
    pub(crate) fn page_out(self) {
        self.protect(PAGE_NOACCESS);
    }

    /// Gives access back.
    pub(crate) fn page_in(self) {
        self.protect(PAGE_READWRITE);
    }

    pub(crate) fn contains(self, address: usize) -> bool {
        (self.base..self.base + self.committed).contains(&address)
    }

    fn protect(self, protection: u32) {
        let mut before = 0;
        // SAFETY: the pages belong to a block that is lent to the driver for a call, and the host
        // does not touch them during the call.
        unsafe {
            VirtualProtect(self.base as *mut _, self.committed, protection, &raw mut before);
        }
    }
}

impl Block {
    /// Allocates `length` bytes, each `fill`, aligned like pool.
    pub(crate) fn new(length: usize, fill: u8) -> Option<Self> {
        Self::with_alignment(length, fill, POOL_ALIGNMENT)
    }

    /// Allocates a copy of `bytes`. At most 7 bytes behind the copy are readable.
    pub(crate) fn tight_copy(bytes: &[u8]) -> Option<Self> {
        let block = Self::with_alignment(bytes.len(), 0, size_of::<u64>())?;
        block.copy_in(bytes);
        Some(block)
    }

    fn with_alignment(length: usize, fill: u8, alignment: usize) -> Option<Self> {
        let used = length.checked_next_multiple_of(alignment)?;
        let committed = used.max(1).checked_next_multiple_of(PAGE)?;
        let reserved = committed.checked_add(PAGE)?;
        // SAFETY: asks for new address space only.
        let base = unsafe { VirtualAlloc(ptr::null(), reserved, MEM_RESERVE, PAGE_READWRITE) };
        // SAFETY: commits within what was just reserved; the last page stays without access.
        let base = unsafe { VirtualAlloc(base, committed, MEM_COMMIT, PAGE_READWRITE) };
        let base = NonNull::new(base.cast::<u8>())?;
        let block = Self { base, committed, offset: committed - used, length };
        // SAFETY: the pages are committed and writable, and nothing else uses them yet.
        let pages = unsafe { slice::from_raw_parts_mut(base.as_ptr(), committed) };
        pages.fill(GUARD_BYTE);
        if let Some(bytes) = pages.get_mut(block.offset..block.offset + length) {
            bytes.fill(fill);
        }
        let space = Space { reserved, withdrawn: false };
        lock(&LIVE).insert(block.base.as_ptr() as usize, space);
        Some(block)
    }

    pub(crate) fn address(&self) -> usize {
        self.base.as_ptr() as usize + self.offset
    }

    pub(crate) fn as_paged(&self) -> Pages {
        Pages { base: self.base.as_ptr() as usize, committed: self.committed }
    }

    /// Takes access away until [`Self::restore`].
    pub(crate) fn withdraw(&self) {
        self.set_withdrawn(true);
        self.as_paged().page_out();
    }

    /// Gives access back.
    pub(crate) fn restore(&self) {
        self.as_paged().page_in();
        self.set_withdrawn(false);
    }

    fn set_withdrawn(&self, withdrawn: bool) {
        if let Some(space) = lock(&LIVE).get_mut(&(self.base.as_ptr() as usize)) {
            space.withdrawn = withdrawn;
        }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// A copy of the first `length` bytes.
    pub(crate) fn copy_out(&self, length: usize) -> Vec<u8> {
        self.pages().iter().skip(self.offset).take(length.min(self.length)).copied().collect()
    }

    /// Overwrites the first bytes.
    pub(crate) fn copy_in(&self, bytes: &[u8]) {
        let length = bytes.len().min(self.length);
        // SAFETY: the target is within the block, and the source lies outside of it.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.address() as *mut u8, length);
        }
    }

    /// True if the pattern around the block is unchanged.
    pub(crate) fn is_intact(&self) -> bool {
        let end = self.offset + self.length;
        let pages = self.pages();
        let pattern = |byte: &u8| *byte == GUARD_BYTE;
        pages.iter().take(self.offset).all(pattern) && pages.iter().skip(end).all(pattern)
    }

    fn pages(&self) -> &[u8] {
        // SAFETY: the pages are committed as long as the block lives.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.committed) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let base = self.base.as_ptr();
        // SAFETY: the pages are ours; their addresses stay reserved without access.
        unsafe { VirtualFree(base.cast(), self.committed, MEM_DECOMMIT) };
        let address = base as usize;
        let Some(Space { reserved, .. }) = lock(&LIVE).remove(&address) else { return };
        let mut quarantine = lock(&QUARANTINE);
        quarantine.push_back((address, reserved));
        if quarantine.len() > QUARANTINED
            && let Some((oldest, _)) = quarantine.pop_front()
        {
            // SAFETY: the reservation is ours, and no part of it is in use.
            unsafe { VirtualFree(oldest as *mut _, 0, MEM_RELEASE) };
        }
    }
}

/// Describes an address that the driver could not use, if it belongs to a block.
pub(crate) fn describe(address: usize) -> Option<&'static str> {
    let contains = |(base, reserved): (usize, usize)| (base..base + reserved).contains(&address);
    if lock(&QUARANTINE).iter().copied().any(contains) {
        return Some("in a block that was freed");
    }
    let nearest = lock(&LIVE).range(..=address).next_back().map(|(base, space)| (*base, *space));
    let (_, space) = nearest.filter(|(base, space)| contains((*base, space.reserved)))?;
    Some(if space.withdrawn {
        "in the buffer of a request that waits in a queue"
    } else {
        "behind the end of a block"
    })
}
