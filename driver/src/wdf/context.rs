//! A Rust value in the context memory of a framework object.
//!
//! The framework allocates the memory with the object and fills it with zeros. It runs no
//! Rust destructors. So the memory is a [`Slot`], which is empty when it is all zeros. The
//! value is moved in once, and the object's `EvtDestroyCallback` drops it in place.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use wdk_sys::{
    _WDF_EXECUTION_LEVEL, _WDF_SYNCHRONIZATION_SCOPE, PCWDF_OBJECT_CONTEXT_TYPE_INFO,
    WDF_OBJECT_ATTRIBUTES, WDF_OBJECT_CONTEXT_TYPE_INFO, WDFOBJECT,
    call_unsafe_wdf_function_binding,
};

/// The `Size` field of a framework structure.
pub(super) const fn size_field<T>() -> u32 {
    const { assert!(size_of::<T>() <= u32::MAX as usize) };
    #[expect(clippy::cast_possible_truncation, reason = "asserted above")]
    {
        size_of::<T>() as u32
    }
}

/// The result of `WDF_OBJECT_ATTRIBUTES_INIT`.
pub(super) fn attributes() -> WDF_OBJECT_ATTRIBUTES {
    WDF_OBJECT_ATTRIBUTES {
        Size: size_field::<WDF_OBJECT_ATTRIBUTES>(),
        ExecutionLevel: _WDF_EXECUTION_LEVEL::WdfExecutionLevelInheritFromParent,
        SynchronizationScope: _WDF_SYNCHRONIZATION_SCOPE::WdfSynchronizationScopeInheritFromParent,
        ..WDF_OBJECT_ATTRIBUTES::default()
    }
}

/// The framework's description of a context type. The framework compares types by the
/// address of this record, so each type has one static.
#[repr(transparent)]
pub(crate) struct ContextType<T> {
    record: WDF_OBJECT_CONTEXT_TYPE_INFO,
    value: PhantomData<fn() -> T>,
}

// SAFETY: the record is constant, and its pointers lead to constants.
unsafe impl<T> Sync for ContextType<T> {}

impl<T> ContextType<T> {
    /// The record for slots of `T`, to be stored at `this`.
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

/// Context memory: empty, or a value that does not move until the object is destroyed.
#[repr(C)]
pub(super) struct Slot<T> {
    is_set: AtomicBool,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Slot<T> {
    /// The slot of this type in the object's context, if the object has one. At most
    /// `DISPATCH_LEVEL + 1`.
    ///
    /// # Safety
    ///
    /// `object` is a live framework object that outlives `'object`.
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

    /// Moves the value in. Returns it as the error if the slot is taken.
    ///
    /// # Safety
    ///
    /// No other thread sets or empties this slot at the same time.
    pub(super) unsafe fn set(&self, value: T) -> Result<&T, T> {
        if self.is_set.load(Ordering::Acquire) {
            return Err(value);
        }
        // SAFETY: the slot is empty, so no reference into it exists, and the caller
        // guarantees that no other thread sets it.
        let memory = unsafe { &mut *self.value.get() };
        let value = memory.write(value);
        self.is_set.store(true, Ordering::Release);
        Ok(value)
    }

    /// The value, if there is one.
    pub(super) fn get(&self) -> Option<&T> {
        if !self.is_set.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: only `empty` changes a set slot, and its caller guarantees that no
        // reference is left.
        let value = unsafe { &*self.value.get() };
        // SAFETY: `set` wrote the value before it stored `is_set`.
        Some(unsafe { value.assume_init_ref() })
    }

    /// Drops the value, if there is one.
    ///
    /// # Safety
    ///
    /// No reference to the value exists, and none will be taken.
    pub(super) unsafe fn empty(&self) {
        if self.is_set.swap(false, Ordering::AcqRel) {
            // SAFETY: the caller guarantees that this is the only reference.
            let value = unsafe { &mut *self.value.get() };
            // SAFETY: the slot was set, and is not read again.
            unsafe { value.assume_init_drop() };
        }
    }
}
