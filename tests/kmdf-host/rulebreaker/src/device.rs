//! The control device.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

use crate::kernel::poke;
use crate::kmdf::{Attributes, ContextType, QueueConfig, Text, Wide, address, call, index, status};
use crate::stages::{DEVICE, DRIVER, QUEUE, SECURITY, attributes, breaks, created, device_control};
use crate::{rules, waiting};

const CONTEXT_BYTES: usize = 24;
const SEQUENTIAL: u32 = 1;
const PARALLEL: u32 = 2;

static DEVICE_NAME: Wide<19> = Wide::new(b"\\Device\\Rulebreaker");
static LINK_NAME: Wide<23> = Wide::new(b"\\DosDevices\\Rulebreaker");

static CONTEXT_TYPE: ContextType = ContextType {
    size: 40,
    name: c"Rulebreaker".as_ptr().cast(),
    context_size: CONTEXT_BYTES,
    unique_type: &raw const CONTEXT_TYPE,
    get_unique_type: 0,
};
/// A second record of the same name. No object has it.
static COPIED_TYPE: ContextType = ContextType {
    size: 40,
    name: c"Rulebreaker".as_ptr().cast(),
    context_size: CONTEXT_BYTES,
    unique_type: &raw const COPIED_TYPE,
    get_unique_type: 0,
};

/// Creates the device, its queues and its link.
pub(crate) fn create() -> i32 {
    let security: Text = SECURITY.text();
    let driver = DRIVER.load(Relaxed);
    let init =
        AtomicUsize::new(call(index::CONTROL_DEVICE_INIT_ALLOCATE, [driver, address(&security)]));
    let consumed = init.load(Relaxed);
    call(index::DEVICE_INIT_ASSIGN_NAME, [consumed, address(&DEVICE_NAME.text())]);
    waiting::configure_files(consumed);
    let attributes = Attributes { context_type: address(&CONTEXT_TYPE), ..attributes() };
    let arguments = |out| [init.as_ptr() as usize, address(&attributes), out];
    let result = created(index::DEVICE_CREATE, arguments, &DEVICE);
    if result < 0 {
        return result;
    }
    if breaks(rules::LATE_DEVICE_INIT) {
        call(index::DEVICE_INIT_ASSIGN_NAME, [consumed, address(&DEVICE_NAME.text())]);
    }
    let device = DEVICE.load(Relaxed);
    if breaks(rules::COPIED_CONTEXT_TYPE) {
        call(index::OBJECT_GET_TYPED_CONTEXT, [device, address(&COPIED_TYPE)]);
    }
    let context = call(index::OBJECT_GET_TYPED_CONTEXT, [device, address(&CONTEXT_TYPE)]);
    (0..CONTEXT_BYTES).for_each(|at| poke(context + at, 1));
    let is_sequential = breaks(rules::SEQUENTIAL);
    let config = QueueConfig {
        size: if breaks(rules::QUEUE_CONFIG_SIZE) { 95 } else { 96 },
        dispatch_type: if is_sequential { SEQUENTIAL } else { PARALLEL },
        power_managed: 2,
        allow_zero_length: 0,
        default_queue: 1,
        io_callbacks: [0; 3],
        io_device_control: device_control as *const () as usize,
        other_callbacks: [0; 3],
        io_canceled_on_queue: 0,
        presented_requests: if is_sequential { 0 } else { u32::MAX },
        driver: 0,
    };
    created(index::IO_QUEUE_CREATE, |out| [device, address(&config), 0, out], &QUEUE);
    if breaks(rules::DELETE_DEFAULT_QUEUE) {
        call(index::OBJECT_DELETE, [QUEUE.load(Relaxed)]);
    }
    waiting::create_queue(device);
    status(index::DEVICE_CREATE_SYMBOLIC_LINK, [device, address(&LINK_NAME.text())])
}
