//! Event tracing: providers register and write, and a test is the trace session that listens.
//!
//! The host checks each event, and appends its bytes to a file without decoding them. A call that
//! fails on Windows ends the run. Providers register in `DriverEntry`, before a test can send a
//! command, so the first listener comes from a file; later ones come by command.
//!
//! Laxer than Windows:
//! - There is one trace session.
//! - The only information class is the provider's traits.
//! - An event may not use paged data at `DISPATCH_LEVEL`. The host detects that only for the
//!   payload of a session event.
#![expect(unsafe_code, reason = "calls the enable callback by address")]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::mem::transmute;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use kmdf_host_control::{LISTENER_PATH, Listener, Rule, TRACE_PATH, TraceBlock, TraceEvent};
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_SUCCESS};
use zerocopy::FromBytes;

use crate::machine::irql::{self, PASSIVE};
use crate::machine::memory;
use crate::watch::rules::violation;
use crate::watch::sync::lock;
use crate::watch::{files, injection};

const CONTROL_CODE_DISABLE: u32 = 0;
const CONTROL_CODE_ENABLE: u32 = 1;
/// `EventProviderSetTraits`.
const SET_TRAITS: u32 = 2;
/// `MAX_EVENT_DATA_DESCRIPTORS`.
const MOST_BLOCKS: u32 = 128;
/// The largest event that Windows writes.
const MOST_BYTES: usize = 0xFFFF;
/// `EVENT_DATA_DESCRIPTOR_TYPE_...`.
const EVENT_METADATA: u8 = 1;
const PROVIDER_METADATA: u8 = 2;
/// `WINEVENT_CHANNEL_TRACELOGGING`.
const SELF_DESCRIBING: u8 = 11;

type EnableCallback = extern "system" fn(*const Guid, u32, u8, u64, u64, usize, usize);

/// `GUID`.
#[derive(Clone, Copy, FromBytes)]
#[repr(C)]
struct Guid {
    first: u32,
    second: u16,
    third: u16,
    rest: [u8; 8],
}

/// `EVENT_DESCRIPTOR`.
#[derive(FromBytes)]
#[repr(C)]
struct Descriptor {
    id: u16,
    version: u8,
    channel: u8,
    level: u8,
    opcode: u8,
    task: u16,
    keyword: u64,
}

/// `EVENT_DATA_DESCRIPTOR`.
#[derive(FromBytes)]
#[repr(C)]
struct DataDescriptor {
    address: u64,
    size: u32,
    kind: u8,
    reserved: [u8; 3],
}

/// A registered provider.
#[derive(Clone)]
struct Provider {
    id: Guid,
    callback: usize,
    context: usize,
    traits: Vec<u8>,
}

static NEXT: AtomicU64 = AtomicU64::new(0x57D3_0000_0000);
static PROVIDERS: Mutex<BTreeMap<u64, Provider>> = Mutex::new(BTreeMap::new());
static RETIRED: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
/// Held while enable callbacks run, so that no provider is unregistered meanwhile.
static CALLING: Mutex<()> = Mutex::new(());
/// Held while a line is written.
static WRITING: Mutex<()> = Mutex::new(());

/// `EtwRegister`.
pub(crate) extern "system" fn register(
    provider: usize,
    callback: usize,
    context: usize,
    handle_out: usize,
) -> NTSTATUS {
    const CALL: &str = "EtwRegister";
    irql::require(CALL, PASSIVE);
    let id: Guid = memory::read(CALL, "ProviderId", provider);
    if let Some(failure) = injection::failure(CALL) {
        return failure;
    }
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    let provider = Provider { id, callback, context, traits: Vec::new() };
    lock(&PROVIDERS).insert(handle, provider.clone());
    memory::write(CALL, "RegHandle", handle_out, handle);
    let listener = read_listener();
    *lock(&LISTENER) = listener;
    if listener.is_some() {
        let _calling = lock(&CALLING);
        provider.notify(listener);
    }
    STATUS_SUCCESS
}

/// `EtwUnregister`.
pub(crate) extern "system" fn unregister(handle: u64) -> NTSTATUS {
    const CALL: &str = "EtwUnregister";
    irql::require(CALL, PASSIVE);
    require(CALL, handle);
    let _calling = lock(&CALLING);
    lock(&PROVIDERS).remove(&handle);
    lock(&RETIRED).insert(handle);
    STATUS_SUCCESS
}

/// `EtwSetInformation`.
pub(crate) extern "system" fn set_information(
    handle: u64,
    class: u32,
    information: usize,
    length: u32,
) -> NTSTATUS {
    const CALL: &str = "EtwSetInformation";
    irql::require(CALL, PASSIVE);
    require(CALL, handle);
    if class != SET_TRAITS {
        violation(CALL, Rule::Unimplemented, format!("information class {class}"));
    }
    let traits = memory::read_bytes(CALL, "the traits", information, length as usize);
    check_size(CALL, "the traits", &traits);
    if !traits.iter().skip(2).any(|byte| *byte == 0) {
        violation(CALL, Rule::BadString, "the provider's name does not end within its traits");
    }
    if let Some(failure) = injection::failure(CALL) {
        return failure;
    }
    if let Some(provider) = lock(&PROVIDERS).get_mut(&handle) {
        provider.traits = traits;
    }
    STATUS_SUCCESS
}

/// `EtwWrite`.
pub(crate) extern "system" fn write(
    handle: u64,
    descriptor: usize,
    activity: usize,
    count: u32,
    data: usize,
) -> NTSTATUS {
    append("EtwWrite", handle, descriptor, [activity, 0], count, data)
}

/// `EtwWriteTransfer`.
pub(crate) extern "system" fn write_transfer(
    handle: u64,
    descriptor: usize,
    activity: usize,
    related: usize,
    count: u32,
    data: usize,
) -> NTSTATUS {
    append("EtwWriteTransfer", handle, descriptor, [activity, related], count, data)
}

/// `EtwEventEnabled`, `EtwProviderEnabled`.
pub(crate) extern "system" fn is_enabled(handle: u64) -> u8 {
    require("EtwProviderEnabled", handle);
    lock(&LISTENER).is_some().into()
}

/// Sets the listener, or removes it. Returns the number of providers that were notified.
pub(crate) fn listen(listener: Option<Listener>) -> usize {
    let _calling = lock(&CALLING);
    *lock(&LISTENER) = listener;
    let providers: Vec<_> = lock(&PROVIDERS).values().cloned().collect();
    for provider in &providers {
        provider.notify(listener);
    }
    providers.len()
}

/// The number of providers that are still registered.
pub(crate) fn left() -> usize {
    lock(&PROVIDERS).len()
}

impl Provider {
    /// Calls the enable callback, at `PASSIVE_LEVEL`.
    fn notify(&self, listener: Option<Listener>) {
        if self.callback == 0 {
            return;
        }
        let code = if listener.is_some() { CONTROL_CODE_ENABLE } else { CONTROL_CODE_DISABLE };
        let Listener { level, any_keyword, all_keywords } =
            listener.unwrap_or(Listener { level: 0, any_keyword: 0, all_keywords: 0 });
        // SAFETY: the driver registered this address as its `EtwEnableCallback`, and is not
        // unloaded while it is registered.
        let callback = unsafe { transmute::<usize, EnableCallback>(self.callback) };
        callback(&Guid::NONE, code, level, any_keyword, all_keywords, 0, self.context);
    }
}

/// Checks an event and appends it to the file. Any IRQL.
fn append(
    call: &str,
    handle: u64,
    descriptor: usize,
    ids: [usize; 2],
    count: u32,
    data: usize,
) -> NTSTATUS {
    let provider = require(call, handle);
    let descriptor: Descriptor = memory::read(call, "EventDescriptor", descriptor);
    for id in ids.into_iter().filter(|id| *id != 0) {
        let _readable: Guid = memory::read(call, "an activity id", id);
    }
    if count > MOST_BLOCKS {
        violation(call, Rule::BadArgument, format!("{count} blocks, {MOST_BLOCKS} are allowed"));
    }
    let blocks: Vec<_> = (0..count as usize)
        .map(|index| read_block(call, data + index * size_of::<DataDescriptor>()))
        .collect();
    let length: usize = blocks.iter().map(|(_, bytes)| bytes.len()).sum();
    if length > MOST_BYTES {
        violation(call, Rule::BadArgument, format!("{length} bytes, {MOST_BYTES} are allowed"));
    }
    if descriptor.channel == SELF_DESCRIBING {
        check_description(call, &provider, &blocks);
    }
    if let Some(failure) = injection::failure(call) {
        return failure;
    }
    keep(&provider, &descriptor, &blocks);
    STATUS_SUCCESS
}

fn read_block(call: &str, address: usize) -> (u8, Vec<u8>) {
    let descriptor: DataDescriptor = memory::read(call, "UserData", address);
    let DataDescriptor { address, size, kind, reserved } = descriptor;
    if kind > PROVIDER_METADATA || reserved != [0; 3] {
        violation(call, Rule::BadArgument, format!("a block of kind {kind}, {reserved:?}"));
    }
    if size == 0 {
        return (kind, Vec::new());
    }
    let Ok(address) = usize::try_from(address) else { unreachable!("addresses have 64 bits") };
    (kind, memory::read_bytes(call, "a block of data", address, size as usize))
}

/// A self-describing event begins with the provider's traits and its own description.
fn check_description(call: &str, provider: &Provider, blocks: &[(u8, Vec<u8>)]) {
    let [(PROVIDER_METADATA, traits), (EVENT_METADATA, description), data @ ..] = blocks else {
        violation(call, Rule::BadArgument, "the event does not begin with its descriptions");
    };
    check_size(call, "the provider's description", traits);
    check_size(call, "the event's description", description);
    // A provider without the call to set traits has none.
    if !provider.traits.is_empty() && *traits != provider.traits {
        violation(call, Rule::BadArgument, "the traits are not those that were set");
    }
    if data.iter().any(|(kind, _)| *kind != 0) {
        violation(call, Rule::BadArgument, "there is a description among the data");
    }
}

/// A description begins with its own size, in 16 bits.
fn check_size(call: &str, what: &str, bytes: &[u8]) {
    let said = bytes.first_chunk().map(|size| usize::from(u16::from_le_bytes(*size)));
    if said != Some(bytes.len()) {
        let length = bytes.len();
        violation(call, Rule::WrongSize, format!("{what} has {length} bytes, not {said:?}"));
    }
}

fn keep(provider: &Provider, descriptor: &Descriptor, blocks: &[(u8, Vec<u8>)]) {
    let event = TraceEvent {
        provider: provider.id.text(),
        id: descriptor.id,
        version: descriptor.version,
        channel: descriptor.channel,
        level: descriptor.level,
        opcode: descriptor.opcode,
        task: descriptor.task,
        keyword: descriptor.keyword,
        blocks: blocks
            .iter()
            .map(|(kind, bytes)| TraceBlock { kind: *kind, bytes: hex::encode(bytes) })
            .collect(),
    };
    let Ok(line) = serde_json::to_string(&event) else { return };
    let _writing = lock(&WRITING);
    files::append(Path::new(TRACE_PATH), &line);
}

/// The provider of a handle. Ends the run if it is not registered.
fn require(call: &str, handle: u64) -> Provider {
    if let Some(provider) = lock(&PROVIDERS).get(&handle) {
        return provider.clone();
    }
    let rule =
        if lock(&RETIRED).contains(&handle) { Rule::StaleHandle } else { Rule::ForeignHandle };
    violation(call, rule, format!("{handle:#x} is not a registered provider"))
}

fn read_listener() -> Option<Listener> {
    let text = fs::read_to_string(LISTENER_PATH).ok()?;
    match serde_json::from_str(&text) {
        Ok(listener) => Some(listener),
        Err(error) => violation("the host", Rule::HostFailure, format!("{LISTENER_PATH}: {error}")),
    }
}

impl Guid {
    /// The source id of an enable callback that names no session.
    const NONE: Self = Self { first: 0, second: 0, third: 0, rest: [0; 8] };

    /// The text form that Windows uses.
    fn text(self) -> String {
        let Self { first, second, third, rest } = self;
        let [clock @ .., _, _, _, _, _, _] = rest;
        let [_, _, node @ ..] = rest;
        format!("{first:08x}-{second:04x}-{third:04x}-{}-{}", hex::encode(clock), hex::encode(node))
    }
}
