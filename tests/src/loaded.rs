//! A driver's memory, read from another process.

#![expect(unsafe_code, reason = "system calls; nothing else here is unsafe")]

use std::io;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Diagnostics::Debug::ReadProcessMemory;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CREATE_TOOLHELP_SNAPSHOT_FLAGS, CreateToolhelp32Snapshot, MODULEENTRY32W, Module32FirstW,
    Module32NextW, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPMODULE,
    TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{OpenProcess, PROCESS_VM_READ};

/// An image that some process has loaded. Wine loads drivers into processes.
pub struct LoadedImage {
    process: OwnedHandle,
    base: u64,
    size: usize,
}

impl LoadedImage {
    /// Finds the image of this name in any process.
    ///
    /// # Panics
    ///
    /// If no process has loaded it.
    #[must_use]
    pub fn find(name: &str) -> Self {
        let mut found = None;
        for process in processes() {
            let module = modules(process).into_iter().find(|module| {
                let length = module.szModule.iter().position(|unit| *unit == 0).unwrap_or(0);
                String::from_utf16_lossy(&module.szModule[..length]).eq_ignore_ascii_case(name)
            });
            found = found.or(module.map(|module| (process, module)));
        }
        let (process, module) = found.unwrap_or_else(|| panic!("no process has loaded {name}"));
        // SAFETY: the function accepts any process id.
        let handle = unsafe { OpenProcess(PROCESS_VM_READ, 0, process) };
        assert!(!handle.is_null(), "{}", io::Error::last_os_error());
        Self {
            // SAFETY: the handle is open, and nothing else closes it.
            process: unsafe { OwnedHandle::from_raw_handle(handle) },
            base: module.modBaseAddr.addr() as u64,
            size: usize::try_from(module.modBaseSize).unwrap(),
        }
    }

    /// The current bytes of the image.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.read(self.base, self.size)
    }

    /// Reads memory of the process that has loaded the image.
    ///
    /// # Panics
    ///
    /// If the memory cannot be read.
    #[must_use]
    pub fn read(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let mut read = 0;
        let from = std::ptr::without_provenance(usize::try_from(address).unwrap());
        // SAFETY: the handle is open for reading, and the buffer has the given length.
        let done = unsafe {
            ReadProcessMemory(
                self.process.as_raw_handle(),
                from,
                bytes.as_mut_ptr().cast(),
                length,
                &raw mut read,
            )
        };
        assert!(done != 0 && read == length, "{address:#x}: {}", io::Error::last_os_error());
        bytes
    }
}

fn processes() -> Vec<u32> {
    let mut ids = Vec::new();
    let Some(snapshot) = snapshot(TH32CS_SNAPPROCESS, 0) else { return ids };
    let mut entry =
        PROCESSENTRY32W { dwSize: size_field::<PROCESSENTRY32W>(), ..Default::default() };
    // SAFETY: the snapshot is open, and the entry has its size in it.
    let mut more = unsafe { Process32FirstW(snapshot.as_raw_handle(), &raw mut entry) };
    while more != 0 {
        ids.push(entry.th32ProcessID);
        // SAFETY: as above.
        more = unsafe { Process32NextW(snapshot.as_raw_handle(), &raw mut entry) };
    }
    ids
}

/// The modules of a process. Empty if the process has ended or denies access.
fn modules(process: u32) -> Vec<MODULEENTRY32W> {
    let mut modules = Vec::new();
    let Some(snapshot) = snapshot(TH32CS_SNAPMODULE, process) else { return modules };
    let mut entry = MODULEENTRY32W { dwSize: size_field::<MODULEENTRY32W>(), ..Default::default() };
    // SAFETY: the snapshot is open, and the entry has its size in it.
    let mut more = unsafe { Module32FirstW(snapshot.as_raw_handle(), &raw mut entry) };
    while more != 0 {
        modules.push(entry);
        // SAFETY: as above.
        more = unsafe { Module32NextW(snapshot.as_raw_handle(), &raw mut entry) };
    }
    modules
}

fn snapshot(of: CREATE_TOOLHELP_SNAPSHOT_FLAGS, process: u32) -> Option<OwnedHandle> {
    // SAFETY: the function accepts any process id.
    let handle = unsafe { CreateToolhelp32Snapshot(of, process) };
    // SAFETY: the handle is open, and nothing else closes it.
    (handle != INVALID_HANDLE_VALUE).then(|| unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn size_field<T>() -> u32 {
    u32::try_from(size_of::<T>()).unwrap()
}
