//! Checks the form of a security descriptor in SDDL.
//!
//! Laxer than Windows: the device does not get the descriptor, because Wine keeps none for a
//! device.
#![expect(unsafe_code, reason = "asks advapi32 to parse the text")]

use std::ptr;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};

use crate::machine::text::Text;

pub(crate) fn is_sddl(text: &str) -> bool {
    let text = Text::new(text);
    let mut descriptor = ptr::null_mut();
    // SAFETY: the string ends with a zero, and the out pointer is ours.
    let parsed = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.wide().as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    // SAFETY: the descriptor, or NULL, came from the call above and is freed once.
    unsafe { LocalFree(descriptor) };
    parsed != 0
}
