//! A service's `Parameters` key.

#![expect(unsafe_code, reason = "Win32 calls; nothing else here is unsafe")]

use windows_sys::Win32::System::Registry::{
    HKEY_LOCAL_MACHINE, REG_DWORD, REG_SZ, RegSetKeyValueW,
};

/// Sets a `REG_DWORD`. Creates the key if it is missing.
pub fn set_number(service: &str, name: &str, number: u32) {
    set(service, name, REG_DWORD, &number.to_le_bytes());
}

/// Sets a `REG_SZ`. Creates the key if it is missing.
pub fn set_text(service: &str, name: &str, text: &str) {
    let bytes: Vec<u8> = wide(text).into_iter().flat_map(u16::to_le_bytes).collect();
    set(service, name, REG_SZ, &bytes);
}

fn set(service: &str, name: &str, kind: u32, data: &[u8]) {
    let key = wide(&format!(r"System\CurrentControlSet\Services\{service}\Parameters"));
    let name = wide(name);
    // SAFETY: the strings are NUL-terminated, the data has the given length, and all outlive the
    // call.
    let error = unsafe {
        RegSetKeyValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            name.as_ptr(),
            kind,
            data.as_ptr().cast(),
            u32::try_from(data.len()).unwrap(),
        )
    };
    assert_eq!(error, 0, "RegSetKeyValueW");
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
