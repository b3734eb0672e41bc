//! What finds the ring in a crash dump: a record in the image's data that begins
//! with a magic, and leads to slots and numbers. No symbols are needed.
//! `docs/windbg.md` has the layout and how to use it.

use core::mem::offset_of;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use sessionwatch_journal::RingLocation;
use sessionwatch_protocol::Record;

/// All of it, as a debugger sees it.
#[repr(C)]
struct Layout {
    magic: [u8; 16],
    version: u32,
    record_size: u32,
    /// 0 while there is no ring.
    journal_id: AtomicU64,
    first_slot: AtomicPtr<AtomicU64>,
    slots: AtomicU64,
    next: AtomicPtr<AtomicU64>,
}

// What `docs/windbg.md` promises.
const _: () = {
    assert!(offset_of!(Layout, version) == 0x10);
    assert!(offset_of!(Layout, record_size) == 0x14);
    assert!(offset_of!(Layout, journal_id) == 0x18);
    assert!(offset_of!(Layout, first_slot) == 0x20);
    assert!(offset_of!(Layout, slots) == 0x28);
    assert!(offset_of!(Layout, next) == 0x30);
    assert!(size_of::<Layout>() == 0x38);
};

// Nobody in this image reads it, so without `used` it would not be kept.
#[used]
static LAYOUT: Layout = Layout {
    magic: *b"SESSIONWATCHRING",
    version: 1,
    record_size: Record::SIZE_FIELD.get(),
    journal_id: AtomicU64::new(0),
    first_slot: AtomicPtr::new(null_mut()),
    slots: AtomicU64::new(0),
    next: AtomicPtr::new(null_mut()),
};

/// The right to say where the ring is; dropping it says that there is none.
pub(crate) struct Anchor {
    layout: &'static Layout,
}

impl Anchor {
    /// No ring yet. There is one service in an image, and this is its own.
    pub(crate) const fn none() -> Self {
        Self { layout: &LAYOUT }
    }

    /// The ring is there, and stays until this value is dropped. Any IRQL.
    pub(crate) fn hold(&self, journal_id: u64, ring: RingLocation) {
        self.layout.first_slot.store(ring.first_slot.cast_mut(), Ordering::Relaxed);
        self.layout.slots.store(ring.slots as u64, Ordering::Relaxed);
        self.layout.next.store(ring.next.cast_mut(), Ordering::Relaxed);
        self.layout.journal_id.store(journal_id, Ordering::Release);
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        self.layout.journal_id.store(0, Ordering::Relaxed);
        self.layout.first_slot.store(null_mut(), Ordering::Relaxed);
        self.layout.slots.store(0, Ordering::Relaxed);
        self.layout.next.store(null_mut(), Ordering::Relaxed);
    }
}
