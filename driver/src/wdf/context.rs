//! A Rust value in the context memory of a framework object.
//!
//! The framework allocates the memory with the object, fills it with zeros, and
//! knows nothing of Rust: it runs no destructors. So the memory is a [`Slot`],
//! of which all zeros is the empty one; the value is moved in once, and the
//! object's `EvtDestroyCallback` drops it in place.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use wdk_sys::{_WDF_EXECUTION_LEVEL, _WDF_SYNCHRONIZATION_SCOPE};
use wdk_sys::{
    PCWDF_OBJECT_CONTEXT_TYPE_INFO, WDF_OBJECT_ATTRIBUTES, WDF_OBJECT_CONTEXT_TYPE_INFO, WDFOBJECT,
    call_unsafe_wdf_function_binding,
};

/// The size of a framework structure, as its `Size` field wants it.
pub(super) const fn size_field<T>() -> u32 {
    const { assert!(size_of::<T>() <= u32::MAX as usize) };
    #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
    {
        size_of::<T>() as u32
    }
}

/// What `WDF_OBJECT_ATTRIBUTES_INIT` gives.
pub(super) fn attributes() -> WDF_OBJECT_ATTRIBUTES {
    WDF_OBJECT_ATTRIBUTES {
        Size: size_field::<WDF_OBJECT_ATTRIBUTES>(),
        ExecutionLevel: _WDF_EXECUTION_LEVEL::WdfExecutionLevelInheritFromParent,
        SynchronizationScope: _WDF_SYNCHRONIZATION_SCOPE::WdfSynchronizationScopeInheritFromParent,
        ..WDF_OBJECT_ATTRIBUTES::default()
    }
}

/// The framework's description of a context type. It tells types apart by the
/// address of this record, so there is one static for each type.
#[repr(transparent)]
pub(crate) struct ContextType<T> {
    record: WDF_OBJECT_CONTEXT_TYPE_INFO,
    value: PhantomData<fn() -> T>,
}

// SAFETY: the record is constant; its pointers lead to constants.
unsafe impl<T> Sync for ContextType<T> {}

impl<T> ContextType<T> {
    /// The record at `this` for slots of `T`, with a NUL-terminated name.
    pub(crate) const fn new(name: &'static core::ffi::CStr, this: &'static Self) -> Self {
        // Context memory is aligned to MEMORY_ALLOCATION_ALIGNMENT, which is 16.
        const { assert!(align_of::<Slot<T>>() <= 16) };
        let record = WDF_OBJECT_CONTEXT_TYPE_INFO {
            Size: size_field::<WDF_OBJECT_CONTEXT_TYPE_INFO>(),
            ContextName: name.as_ptr().cast_mut(),
            ContextSize: size_of::<Slot<T>>(),
            UniqueType: &raw const this.record,
            EvtDriverGetUniqueContextType: None,
        };
        Self { record, value: PhantomData }
    }

    pub(super) const fn as_ptr(&self) -> PCWDF_OBJECT_CONTEXT_TYPE_INFO {
        &raw const self.record
    }
}

/// Context memory: empty, or a value that stays where it is until the object is
/// destroyed.
#[repr(C)]
pub(super) struct Slot<T> {
    is_set: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Slot<T> {
    /// The slot of this type in the object's context, if it has one.
    ///
    /// # Safety
    ///
    /// `object` is a live framework object that outlives `'object`. At most `DISPATCH_LEVEL + 1`.
    pub(super) unsafe fn of<'object>(
        object: WDFOBJECT,
        kind: &'static ContextType<T>,
    ) -> Option<&'object Self> {
        // SAFETY: the caller passes a live object; the record is a static.
        let memory = unsafe {
            call_unsafe_wdf_function_binding!(WdfObjectGetTypedContextWorker, object, kind.as_ptr())
        };
        // SAFETY: memory of this type is a `Slot<T>` that lives with the object: zeroed
        // by the framework, which is an empty slot, or set by `Slot::set`.
        NonNull::new(memory.cast::<Self>()).map(|slot| unsafe { slot.as_ref() })
    }

    /// Moves the value in. Gives it back where the slot is taken.
    ///
    /// # Safety
    ///
    /// Nobody else sets or empties this slot at the same time.
    pub(super) unsafe fn set(&self, value: T) -> Result<&T, T> {
        if self.is_set.load(Ordering::Acquire) {
            return Err(value);
        }
        // SAFETY: the slot is empty, so nobody has a reference into it, and the
        // caller keeps others from setting it.
        let place = unsafe { &mut *self.value.get() };
        let value = place.write(value);
        self.is_set.store(true, Ordering::Release);
        Ok(value)
    }

    /// The value, if there is one.
    pub(super) fn get(&self) -> Option<&T> {
        if !self.is_set.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: a slot that is set is changed by `empty` only, whose caller
        // sees to it that no reference is left.
        let value = unsafe { &*self.value.get() };
        // SAFETY: `set` has written the value before it said so.
        Some(unsafe { value.assume_init_ref() })
    }

    /// Drops the value, if there is one.
    ///
    /// # Safety
    ///
    /// Nobody has or takes a reference to the value any more.
    pub(super) unsafe fn empty(&self) {
        if self.is_set.swap(false, Ordering::AcqRel) {
            // SAFETY: the caller sees to it that this is the only reference.
            let value = unsafe { &mut *self.value.get() };
            // SAFETY: the slot was set, and will not be read again.
            unsafe { value.assume_init_drop() };
        }
    }
}
