//! `WDFKEY`: the driver's own parameters.

use std::sync::{Arc, Mutex};

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_INSUFFICIENT_RESOURCES, STATUS_SUCCESS};

use crate::framework::abi::Handle;
use crate::framework::call::Call;
use crate::framework::context::Attributes;
use crate::framework::driver::Driver;
use crate::framework::objects::{self, Kind};
use crate::machine::registry::Key;
use crate::machine::{memory, text};
use crate::watch::sync::lock;

const MACHINE: &str = r"\Registry\Machine\";

/// A registry key; `None` once it is closed.
struct RegistryKey(Mutex<Option<Key>>);

impl Kind for RegistryKey {
    const NAME: &'static str = "WDFKEY";

    fn dispose(&self) {
        lock(&self.0).take();
    }
}

pub(crate) fn open_parameters(
    call: &Call,
    driver: Handle,
    access: u32,
    attributes: usize,
    key_out: usize,
) -> NTSTATUS {
    objects::resolve::<Driver>(call.name, driver);
    let attributes = Attributes::read(call, attributes);
    let key = match Key::open(&parameters_path(call), access) {
        Ok(key) => key,
        Err(status) => return status,
    };
    let body = Arc::new(RegistryKey(Mutex::new(Some(key))));
    let Some(handle) = objects::create(call, body, attributes, Some(driver)) else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    memory::write(call.name, "Key", key_out, handle);
    STATUS_SUCCESS
}

/// The path of the service's parameters, below the root of the machine.
fn parameters_path(call: &Call) -> String {
    let service = &call.load.registry_path;
    let Some(path) = service
        .get(MACHINE.len()..)
        .filter(|_| service.get(..MACHINE.len()).is_some_and(|s| s.eq_ignore_ascii_case(MACHINE)))
    else {
        call.fail(Rule::HostFailure, format!("{service} is not below {MACHINE}"));
    };
    format!(r"{path}\Parameters")
}

pub(crate) fn query_ulong(call: &Call, key: Handle, name: usize, value_out: usize) -> NTSTATUS {
    let key = objects::resolve::<RegistryKey>(call.name, key);
    let name = text::required(call.name, "ValueName", name);
    let open = lock(&key.0);
    let Some(open) = &*open else { call.fail(Rule::StaleHandle, "the key is closed") };
    match open.query_dword(&name) {
        Ok(value) => {
            memory::write(call.name, "Value", value_out, value);
            STATUS_SUCCESS
        }
        Err(status) => status,
    }
}

pub(crate) fn close(call: &Call, key: Handle) {
    objects::resolve::<RegistryKey>(call.name, key);
    objects::delete(call.name, &call.load, key);
}
