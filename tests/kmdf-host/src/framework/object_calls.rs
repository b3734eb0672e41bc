//! The calls that any object takes: create, delete, contexts.

use std::sync::Arc;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{
    NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_OBJECT_NAME_EXISTS, STATUS_SUCCESS,
};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::{self, Attributes};
use crate::framework::objects::{self, Kind};
use crate::machine::memory;
use crate::watch::sync::lock;

/// `WDFOBJECT`: an object that has only contexts.
struct General;

impl Kind for General {
    const NAME: &'static str = "WDFOBJECT";
}

pub(crate) fn create(call: &Call, attributes: usize, object: usize) -> NTSTATUS {
    let attributes = Attributes::read(call, attributes);
    let driver = call.require_driver();
    let Some(handle) = objects::create(call, Arc::new(General), attributes, Some(driver)) else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    memory::write(call.name, "Object", object, handle);
    STATUS_SUCCESS
}

pub(crate) fn delete(call: &Call, object: Handle) {
    objects::delete_for_driver(call, object);
}

/// The context of a type; NULL if the object has none.
pub(crate) fn get_typed_context(call: &Call, handle: Handle, record: usize) -> usize {
    let object = objects::find(call.name, handle);
    let contexts = lock(&object.contexts);
    context::find(call, &contexts, record).unwrap_or(0)
}

pub(crate) fn allocate_context(
    call: &Call,
    handle: Handle,
    attributes: usize,
    context_out: usize,
) -> NTSTATUS {
    if attributes == 0 {
        call.fail(Rule::NullPointer, "ContextAttributes is NULL");
    }
    let object = objects::find(call.name, handle);
    let attributes = Attributes::read_without_parent(call, attributes);
    let Some(record) = attributes.record() else {
        call.fail(Rule::BadArgument, "ContextAttributes names no context type");
    };
    let mut contexts = lock(&object.contexts);
    let existing = contexts.iter().find(|context| context.record() == record);
    let (address, status) = if let Some(existing) = existing {
        (existing.address(), STATUS_OBJECT_NAME_EXISTS)
    } else {
        let Some(context) = attributes.into_context() else {
            return STATUS_INSUFFICIENT_RESOURCES;
        };
        let address = context.address();
        contexts.push(context);
        (address, STATUS_SUCCESS)
    };
    memory::write_optional(call.name, "Context", context_out, address.unwrap_or(0));
    status
}

pub(crate) fn context_get_object(call: &Call, context: usize) -> Handle {
    objects::owner_of_context(context).unwrap_or_else(|| {
        call.fail(Rule::BadPointer, format!("{context:#x} is not the context of any object"))
    })
}
