//! The anchor: a structure in the image's data that leads a debugger to the ring. It begins
//! with a magic value, so a crash dump can be searched for it without symbols.
//! `docs/windbg.md` has the layout and the commands.

use core::mem::offset_of;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use sessionwatch_journal::RingLocation;
use sessionwatch_protocol::Record;

/// The anchor's layout in memory.
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

// The offsets in `docs/windbg.md`.
const _: () = {
    assert!(offset_of!(Layout, version) == 0x10);
    assert!(offset_of!(Layout, record_size) == 0x14);
    assert!(offset_of!(Layout, journal_id) == 0x18);
    assert!(offset_of!(Layout, first_slot) == 0x20);
    assert!(offset_of!(Layout, slots) == 0x28);
    assert!(offset_of!(Layout, next) == 0x30);
    assert!(size_of::<Layout>() == 0x38);
};

// No code of this image reads it, so without `used` the linker would drop it.
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

/// The right to publish the ring's location. Dropping it withdraws the location.
pub(crate) struct Anchor {
    layout: &'static Layout,
}

impl Anchor {
    /// No ring yet. An image has one service, which owns its anchor.
    pub(crate) const fn none() -> Self {
        Self { layout: &LAYOUT }
    }

    /// Publishes the location of a ring that stays there until this value is dropped. Any
    /// IRQL.
    pub(crate) fn publish(&self, journal_id: u64, ring: RingLocation) {
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
