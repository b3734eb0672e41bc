//! Object attributes and typed contexts.
//!
//! Stricter than Windows: attributes that the framework rejects with a status end the run.

use kmdf_host_control::Rule;

use crate::framework::abi::{ContextTypeInfo, Handle, ObjectAttributes};
use crate::framework::call::Call;
use crate::machine::callback::Callback;
use crate::machine::guarded::Block;
use crate::machine::memory;

const INHERIT_FROM_PARENT: u32 = 1;
const LAST_EXECUTION_LEVEL: u32 = 3;
const LAST_SYNCHRONIZATION_SCOPE: u32 = 4;

/// `WDF_OBJECT_ATTRIBUTES`, read and checked.
#[derive(Clone, Default)]
pub(crate) struct Attributes {
    pub(crate) parent: Option<Handle>,
    pub(crate) synchronization_scope: u32,
    cleanup: Option<Callback>,
    destroy: Option<Callback>,
    context_type: Option<ContextType>,
}

#[derive(Clone)]
struct ContextType {
    record: usize,
    name: String,
    size: usize,
}

/// One context of an object, with the callbacks that came with it.
pub(crate) struct Context {
    record: usize,
    name: String,
    memory: Option<Block>,
    pub(crate) cleanup: Option<Callback>,
    pub(crate) destroy: Option<Callback>,
}

impl Attributes {
    /// Reads attributes. NULL stands for the defaults.
    pub(crate) fn read(call: &Call, address: usize) -> Self {
        if address == 0 {
            return Self::default();
        }
        let raw: ObjectAttributes = memory::read(call.name, "the attributes", address);
        call.check_size::<ObjectAttributes>("WDF_OBJECT_ATTRIBUTES", raw.size);
        let levels = INHERIT_FROM_PARENT..=LAST_EXECUTION_LEVEL;
        let scopes = INHERIT_FROM_PARENT..=LAST_SYNCHRONIZATION_SCOPE;
        if !levels.contains(&raw.execution_level) || !scopes.contains(&raw.synchronization_scope) {
            call.fail(Rule::BadArgument, "ExecutionLevel or SynchronizationScope out of range");
        }
        let context_type = (raw.context_type != 0).then(|| ContextType::read(call, &raw));
        if context_type.is_none() && raw.context_size_override != 0 {
            call.fail(Rule::BadArgument, "ContextSizeOverride without ContextTypeInfo");
        }
        Self {
            parent: (raw.parent != 0).then_some(raw.parent),
            synchronization_scope: raw.synchronization_scope,
            cleanup: Callback::new("EvtCleanupCallback", raw.cleanup),
            destroy: Callback::new("EvtDestroyCallback", raw.destroy),
            context_type,
        }
    }

    /// Reads attributes that may not name a parent.
    pub(crate) fn read_without_parent(call: &Call, address: usize) -> Self {
        let attributes = Self::read(call, address);
        if attributes.parent.is_some() {
            call.fail(Rule::BadArgument, "this object takes no ParentObject");
        }
        attributes
    }

    /// The record of the context type, if the attributes name one.
    pub(crate) fn record(&self) -> Option<usize> {
        self.context_type.as_ref().map(|context_type| context_type.record)
    }

    /// Allocates the context, zeroed as by the framework. `None` when there is no memory.
    pub(crate) fn into_context(self) -> Option<Context> {
        let (record, name, size) = self
            .context_type
            .map_or((0, String::new(), 0), |kind| (kind.record, kind.name, kind.size));
        let memory = if record == 0 { None } else { Some(Block::new(size, 0)?) };
        Some(Context { record, name, memory, cleanup: self.cleanup, destroy: self.destroy })
    }
}

impl ContextType {
    fn read(call: &Call, attributes: &ObjectAttributes) -> Self {
        let record = attributes.context_type;
        let info = read_info(call, record);
        let name = read_name(call, &info);
        if info.context_size > 0 && name.is_empty() {
            call.fail(Rule::BadArgument, "a context with a size needs a ContextName");
        }
        if info.unique_type != record {
            call.fail(
                Rule::ContextTypeMismatch,
                format!("{record:#x} is not the UniqueType of context {name}"),
            );
        }
        let size = match attributes.context_size_override {
            0 => info.context_size,
            size if size < info.context_size => {
                call.fail(Rule::BadArgument, "ContextSizeOverride is below ContextSize")
            }
            size => size,
        };
        Self { record, name, size }
    }
}

impl Context {
    pub(crate) fn address(&self) -> Option<usize> {
        self.memory.as_ref().map(Block::address)
    }

    pub(crate) const fn record(&self) -> usize {
        self.record
    }

    /// True if the bytes around the context are unchanged.
    pub(crate) fn is_intact(&self) -> bool {
        self.memory.as_ref().is_none_or(Block::is_intact)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The address of the context of a type. The framework finds it by the address of the type's
/// record, so a copy of the record, with the name of one of the contexts, ends the run.
pub(crate) fn find(call: &Call, contexts: &[Context], record: usize) -> Option<usize> {
    let info = read_info(call, record);
    if let Some(context) = contexts.iter().find(|context| context.record == info.unique_type) {
        return context.address();
    }
    let name = read_name(call, &info);
    if !name.is_empty() && contexts.iter().any(|context| context.name == name) {
        call.fail(
            Rule::ContextTypeMismatch,
            format!("{record:#x} is a second record of context {name}"),
        );
    }
    None
}

fn read_info(call: &Call, record: usize) -> ContextTypeInfo {
    let info: ContextTypeInfo = memory::read(call.name, "the context type", record);
    call.check_size::<ContextTypeInfo>("WDF_OBJECT_CONTEXT_TYPE_INFO", info.size);
    info
}

fn read_name(call: &Call, info: &ContextTypeInfo) -> String {
    if info.name == 0 {
        return String::new();
    }
    let bytes = memory::read_terminated::<u8>(call.name, "ContextName", info.name, 256);
    String::from_utf8_lossy(&bytes).into_owned()
}
