//! The framework's objects: handles, types, parents, deletion.
//!
//! A handle is a number that is never used twice, so a stale handle differs from a foreign one.
//!
//! Deletion has two passes, as in the framework: first every `EvtCleanupCallback`, children before
//! parents; then every `EvtDestroyCallback`, in the same order. Laxer than Windows: an object has
//! no references, so destruction follows cleanup at once.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use kmdf_host_control::Rule;

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::{Attributes, Context};
use crate::machine::load::Load;
use crate::watch::rules::violation;
use crate::watch::sync::lock;

/// A type of objects.
pub(crate) trait Kind: Any + Send + Sync {
    /// The name of the handle type.
    const NAME: &'static str;

    /// True if the driver may delete the object.
    fn deletable(&self) -> bool {
        true
    }

    /// Runs before the object's own `EvtCleanupCallback`.
    fn quiesce(&self, _call: &str, _handle: Handle) {}

    /// Runs after the object's own `EvtCleanupCallback`.
    fn dispose(&self) {}
}

/// The part of [`Kind`] that needs no type.
trait AnyKind: Send + Sync {
    fn name(&self) -> &'static str;
    fn deletable(&self) -> bool;
    fn quiesce(&self, call: &str, handle: Handle);
    fn dispose(&self);
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<K: Kind> AnyKind for K {
    fn name(&self) -> &'static str {
        K::NAME
    }

    fn deletable(&self) -> bool {
        Kind::deletable(self)
    }

    fn quiesce(&self, call: &str, handle: Handle) {
        Kind::quiesce(self, call, handle);
    }

    fn dispose(&self) {
        Kind::dispose(self);
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// An object of any type.
pub(crate) struct Object {
    pub(crate) handle: Handle,
    pub(crate) contexts: Mutex<Vec<Context>>,
    body: Arc<dyn AnyKind>,
    parent: Option<Handle>,
    children: Mutex<Vec<Handle>>,
    deleting: AtomicBool,
}

const FIRST: Handle = 0x57DF_0000_0000;
const STEP: Handle = 16;

static NEXT: AtomicUsize = AtomicUsize::new(FIRST);
static OBJECTS: LazyLock<Mutex<HashMap<Handle, Arc<Object>>>> = LazyLock::new(Mutex::default);

/// Makes an object below the parent that the attributes name, else below `default_parent`. `None`
/// when there is no memory for the context.
pub(crate) fn create<K: Kind>(
    call: &Call,
    body: Arc<K>,
    attributes: Attributes,
    default_parent: Option<Handle>,
) -> Option<Handle> {
    let parent = attributes.parent.or(default_parent);
    let handle = NEXT.fetch_add(STEP, Ordering::Relaxed);
    let object = Object {
        handle,
        contexts: Mutex::new(vec![attributes.into_context()?]),
        body,
        parent,
        children: Mutex::default(),
        deleting: AtomicBool::new(false),
    };
    if let Some(parent) = parent {
        let parent = find(call.name, parent);
        if parent.deleting.load(Ordering::Acquire) {
            call.fail(Rule::StaleHandle, "the parent is being deleted");
        }
        lock(&parent.children).push(handle);
    }
    lock(&OBJECTS).insert(handle, Arc::new(object));
    Some(handle)
}

/// The object of a handle. Ends the run if there is none.
pub(crate) fn find(call: &str, handle: Handle) -> Arc<Object> {
    if handle == 0 {
        violation(call, Rule::NullHandle, "the handle is NULL");
    }
    if let Some(object) = lock(&OBJECTS).get(&handle) {
        return Arc::clone(object);
    }
    if is_stale(handle) {
        violation(call, Rule::StaleHandle, format!("the object of handle {handle:#x} is deleted"));
    }
    violation(call, Rule::ForeignHandle, format!("{handle:#x} was never a handle"));
}

/// True if the handle was valid once, and its object is deleted.
pub(crate) fn is_stale(handle: Handle) -> bool {
    let issued = FIRST..NEXT.load(Ordering::Relaxed);
    issued.contains(&handle) && handle.is_multiple_of(STEP) && !lock(&OBJECTS).contains_key(&handle)
}

/// The body of a handle. Ends the run if its type is another.
pub(crate) fn resolve<K: Kind>(call: &str, handle: Handle) -> Arc<K> {
    let object = find(call, handle);
    let name = object.body.name();
    match Arc::clone(&object.body).into_any().downcast::<K>() {
        Ok(body) => body,
        Err(_) => violation(
            call,
            Rule::WrongHandleType,
            format!("{handle:#x} is a {name}, wanted is a {}", K::NAME),
        ),
    }
}

/// The object that owns a context.
pub(crate) fn owner_of_context(address: usize) -> Option<Handle> {
    lock(&OBJECTS)
        .values()
        .find(|object| {
            lock(&object.contexts).iter().any(|context| context.address() == Some(address))
        })
        .map(|object| object.handle)
}

/// Deletes an object at the driver's request.
pub(crate) fn delete_for_driver(call: &Call, handle: Handle) {
    let object = find(call.name, handle);
    if !object.body.deletable() {
        call.fail(
            Rule::DeleteRefused,
            format!("a {} is not the driver's to delete", object.body.name()),
        );
    }
    delete(call.name, &call.load, handle);
}

/// Deletes an object and everything below it.
pub(crate) fn delete(call: &str, load: &Load, handle: Handle) {
    let object = find(call, handle);
    if let Some(parent) = object.parent {
        let parent = lock(&OBJECTS).get(&parent).cloned();
        if let Some(parent) = parent {
            lock(&parent.children).retain(|child| *child != handle);
        }
    }
    clean_up(call, load, &object);
    destroy(call, load, &object);
}

fn clean_up(call: &str, load: &Load, object: &Object) {
    if object.deleting.swap(true, Ordering::AcqRel) {
        violation(call, Rule::StaleHandle, format!("{:#x} is being deleted", object.handle));
    }
    object.body.quiesce(call, object.handle);
    for child in children(object) {
        clean_up(call, load, &child);
    }
    let callbacks: Vec<_> =
        lock(&object.contexts).iter().filter_map(|context| context.cleanup).collect();
    for callback in callbacks {
        callback.call(load, [object.handle]);
    }
    object.body.dispose();
}

fn destroy(call: &str, load: &Load, object: &Object) {
    for child in children(object) {
        destroy(call, load, &child);
    }
    let callbacks: Vec<_> =
        lock(&object.contexts).iter().filter_map(|context| context.destroy).collect();
    for callback in callbacks {
        callback.call(load, [object.handle]);
    }
    for context in &*lock(&object.contexts) {
        if !context.is_intact() {
            violation(call, Rule::PoolOverrun, format!("beside context {}", context.name()));
        }
    }
    lock(&OBJECTS).remove(&object.handle);
}

fn children(object: &Object) -> Vec<Arc<Object>> {
    let handles = lock(&object.children).clone();
    let objects = lock(&OBJECTS);
    handles.iter().filter_map(|handle| objects.get(handle).cloned()).collect()
}

/// The type names of the objects that are not deleted, for the report at the end of a load.
pub(crate) fn left() -> Vec<&'static str> {
    lock(&OBJECTS).values().map(|object| object.body.name()).collect()
}
