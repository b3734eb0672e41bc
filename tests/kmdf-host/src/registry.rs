//! `WDFKEY`: the driver's own parameters.
#![expect(unsafe_code, reason = "reads the registry through advapi32")]

use std::ptr;
use std::sync::{Arc, Mutex};

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{
    ERROR_FILE_NOT_FOUND, ERROR_SUCCESS, NTSTATUS, STATUS_INSUFFICIENT_RESOURCES,
    STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_TYPE_MISMATCH, STATUS_SUCCESS, STATUS_UNSUCCESSFUL,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_QUERY_VALUE, KEY_READ, KEY_SET_VALUE, REG_DWORD,
    REG_OPTION_NON_VOLATILE, RegCloseKey, RegCreateKeyExW, RegOpenKeyExW, RegQueryValueExW,
};

use crate::abi::Handle;
use crate::call::Call;
use crate::context::Attributes;
use crate::driver::Driver;
use crate::memory;
use crate::objects::{self, Kind};
use crate::sync::lock;
use crate::text::{self, Text};

const MACHINE: &str = r"\Registry\Machine\";

/// An open key; `None` once it is closed.
struct Key(Mutex<Option<OpenKey>>);

struct OpenKey(HKEY);

// SAFETY: a registry handle may be used from any thread.
unsafe impl Send for OpenKey {}

impl Drop for OpenKey {
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once.
        unsafe { RegCloseKey(self.0) };
    }
}

impl Kind for Key {
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
    let key = match open_key(call, access) {
        Ok(key) => key,
        Err(status) => return status,
    };
    let body = Arc::new(Key(Mutex::new(Some(key))));
    let Some(handle) = objects::create(call, body, attributes, Some(driver)) else {
        return STATUS_INSUFFICIENT_RESOURCES;
    };
    memory::write(call.name, "Key", key_out, handle);
    STATUS_SUCCESS
}

/// For writing the key is made if it is not there.
fn open_key(call: &Call, access: u32) -> Result<OpenKey, NTSTATUS> {
    let service = &call.load.registry_path;
    let Some(path) = service
        .get(MACHINE.len()..)
        .filter(|_| service.get(..MACHINE.len()).is_some_and(|s| s.eq_ignore_ascii_case(MACHINE)))
    else {
        call.fail(Rule::HostFailure, format!("{service} is not below {MACHINE}"));
    };
    let path = Text::new(&format!(r"{path}\Parameters"));
    let path = path.wide().as_ptr();
    let mut key = ptr::null_mut();
    let error = if access & KEY_SET_VALUE == 0 {
        let rights = KEY_READ | KEY_QUERY_VALUE;
        // SAFETY: the path ends with a zero, and the out pointer is ours.
        unsafe { RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, rights, &raw mut key) }
    } else {
        // SAFETY: as above; the optional arguments may be NULL.
        unsafe {
            RegCreateKeyExW(
                HKEY_LOCAL_MACHINE,
                path,
                0,
                ptr::null(),
                REG_OPTION_NON_VOLATILE,
                KEY_READ | KEY_SET_VALUE,
                ptr::null(),
                &raw mut key,
                ptr::null_mut(),
            )
        }
    };
    match error {
        ERROR_SUCCESS => Ok(OpenKey(key)),
        ERROR_FILE_NOT_FOUND => Err(STATUS_OBJECT_NAME_NOT_FOUND),
        _ => Err(STATUS_UNSUCCESSFUL),
    }
}

pub(crate) fn query_ulong(call: &Call, key: Handle, name: usize, value_out: usize) -> NTSTATUS {
    let key = objects::resolve::<Key>(call.name, key);
    let name = Text::new(&text::required(call.name, "ValueName", name));
    let open = lock(&key.0);
    let Some(open) = &*open else { call.fail(Rule::StaleHandle, "the key is closed") };
    let (mut kind, mut value, mut size) = (0, 0_u32, 4);
    // SAFETY: the name ends with a zero, and value and size belong together.
    let error = unsafe {
        RegQueryValueExW(
            open.0,
            name.wide().as_ptr(),
            ptr::null(),
            &raw mut kind,
            (&raw mut value).cast(),
            &raw mut size,
        )
    };
    if error == ERROR_FILE_NOT_FOUND {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if kind != REG_DWORD {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if error != ERROR_SUCCESS {
        return STATUS_UNSUCCESSFUL;
    }
    memory::write(call.name, "Value", value_out, value);
    STATUS_SUCCESS
}

pub(crate) fn close(call: &Call, key: Handle) {
    objects::resolve::<Key>(call.name, key);
    objects::delete(call.name, &call.load, key);
}
