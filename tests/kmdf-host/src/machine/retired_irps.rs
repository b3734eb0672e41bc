//! IRPs that are completed but not freed yet.
//!
//! Wine cancels an IRP with a message that carries its address, and the message can arrive after
//! the completion. It would then write into freed memory, or cancel another IRP at the same
//! address. So the host frees the memory some time after the completion, and a late message finds
//! an IRP without a cancel routine.
#![expect(unsafe_code, reason = "frees IRPs later than the I/O manager does")]

use std::collections::VecDeque;
use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_MORE_PROCESSING_REQUIRED};
use windows_sys::Win32::System::Memory::{GetProcessHeap, HeapFree};

use crate::machine::io_manager;
use crate::machine::nt::{CompletionRoutine, DeviceObject, IRP_DEALLOCATE_BUFFER, Irp};
use crate::watch::sync::lock;

/// The time for which the memory is kept. No dispatch routine delays the next message that long.
const KEPT_FOR: Duration = Duration::from_secs(2);

static RETIRED: Mutex<VecDeque<(Instant, usize)>> = Mutex::new(VecDeque::new());

/// The completion routine that the I/O manager set.
struct Original {
    routine: CompletionRoutine,
    context: *mut c_void,
}

/// Completes an IRP and keeps its memory.
///
/// # Safety
/// The IRP is ours to complete, and nothing uses it afterwards.
pub(crate) unsafe fn complete(irp: *mut Irp) {
    // SAFETY: the IRP is ours.
    let stack = unsafe { (*irp).current_stack_location };
    // SAFETY: the stack location lives as long as the IRP, and nothing else uses it.
    let stack = unsafe { &mut *stack };
    if let Some(routine) = stack.completion_routine {
        let original = Box::new(Original { routine, context: stack.context });
        stack.completion_routine = Some(keep);
        stack.context = Box::into_raw(original).cast();
    }
    // SAFETY: as the caller promises.
    unsafe { io_manager::complete_request(irp) };
    free_expired();
}

/// Calls the I/O manager's routine, and retires the IRP instead of freeing it.
extern "system" fn keep(
    device: *mut DeviceObject,
    irp: *mut Irp,
    context: *mut c_void,
) -> NTSTATUS {
    // SAFETY: the context is the box of [`complete`], and this is called once.
    let original = unsafe { Box::from_raw(context.cast::<Original>()) };
    let status = (original.routine)(device, irp, original.context);
    if status == STATUS_MORE_PROCESSING_REQUIRED {
        // The IRP is completed during its dispatch. The dispatcher reports it and frees it. No
        // cancellation could name it, because only the dispatcher knew its address.
        return status;
    }
    // SAFETY: the I/O manager is done with the IRP, so it is ours.
    free_buffer(unsafe { &mut *irp });
    lock(&RETIRED).push_back((Instant::now(), irp as usize));
    STATUS_MORE_PROCESSING_REQUIRED
}

/// Frees the buffer at once: it can be large, and a cancellation does not use it.
fn free_buffer(irp: &mut Irp) {
    if irp.flags & IRP_DEALLOCATE_BUFFER == 0 {
        return;
    }
    irp.flags &= !IRP_DEALLOCATE_BUFFER;
    let buffer = std::mem::replace(&mut irp.system_buffer, ptr::null_mut());
    // SAFETY: takes no arguments.
    let heap = unsafe { GetProcessHeap() };
    // SAFETY: the flag says that the buffer is from this heap and belongs to the IRP.
    unsafe { HeapFree(heap, 0, buffer) };
}

fn free_expired() {
    let mut retired = lock(&RETIRED);
    while let Some((since, irp)) = retired.front().copied()
        && since.elapsed() > KEPT_FOR
    {
        retired.pop_front();
        // SAFETY: the IRP is ours since it was retired, and no message can still name it.
        unsafe { io_manager::free_irp(irp as *mut Irp) };
    }
}
