//! The driver's image, as Wine mapped it: its file, its hash, its import table.
#![expect(unsafe_code, reason = "asks the loader for a file name and rewrites import slots")]

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use windows_sys::Win32::System::LibraryLoader::{
    GetModuleFileNameW, GetModuleHandleW, GetProcAddress,
};
use windows_sys::Win32::System::Memory::{PAGE_READWRITE, VirtualProtect};

use crate::machine::memory;
use crate::machine::text::Text;

const CALL: &str = "WdfVersionBind";
const NAME_LIMIT: usize = 256;
const IMPORT_LIMIT: usize = 4096;
const OFFSET_OF_HEADERS: usize = 0x3C;
const OFFSET_OF_IMAGE_SIZE: usize = 0x50;
const OFFSET_OF_IMPORT_DIRECTORY: usize = 0x90;
const IMPORT_DESCRIPTOR_BYTES: usize = 20;
const BY_ORDINAL: u64 = 1 << 63;

/// A mapped image.
pub(crate) struct Image {
    base: usize,
    size: usize,
    pub(crate) path: PathBuf,
    pub(crate) sha256: String,
}

/// One imported function.
pub(crate) struct Import {
    pub(crate) module: String,
    pub(crate) function: String,
    pub(crate) slot: Slot,
}

/// The entry of a function in the import table.
#[derive(Clone, Copy)]
pub(crate) struct Slot(usize);

impl Image {
    /// Reads the headers, and the file for its hash.
    pub(crate) fn at(base: usize) -> Result<Self, String> {
        let path = file_of(base);
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let sha256 = hex::encode(Sha256::digest(bytes));
        let headers = base + read::<u32>(base + OFFSET_OF_HEADERS) as usize;
        let size = read::<u32>(headers + OFFSET_OF_IMAGE_SIZE) as usize;
        Ok(Self { base, size, path, sha256 })
    }

    /// The offset of an address in the image. `None` for an address outside of it.
    pub(crate) fn offset(&self, address: usize) -> Option<usize> {
        address.checked_sub(self.base).filter(|offset| *offset < self.size)
    }

    /// The file name without its folders.
    pub(crate) fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Every import of the image. An import by ordinal is named `#ordinal`.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let headers = self.base + read::<u32>(self.base + OFFSET_OF_HEADERS) as usize;
        let directory = read::<u32>(headers + OFFSET_OF_IMPORT_DIRECTORY) as usize;
        let mut imports = Vec::new();
        if directory == 0 {
            return imports;
        }
        for index in 0..IMPORT_LIMIT {
            let descriptor = self.base + directory + index * IMPORT_DESCRIPTOR_BYTES;
            let module = read::<u32>(descriptor + 12) as usize;
            if module == 0 {
                break;
            }
            let names = self.base + read::<u32>(descriptor) as usize;
            let slots = self.base + read::<u32>(descriptor + 16) as usize;
            self.module_imports(&text(self.base + module), names, slots, &mut imports);
        }
        imports
    }

    fn module_imports(&self, module: &str, names: usize, slots: usize, into: &mut Vec<Import>) {
        for index in 0..IMPORT_LIMIT {
            let entry = read::<u64>(names + index * 8);
            if entry == 0 {
                break;
            }
            let function = if entry & BY_ORDINAL != 0 {
                format!("#{}", entry & 0xFFFF)
            } else {
                text(self.base + (entry & 0x7FFF_FFFF) as usize + 2)
            };
            into.push(Import { module: module.into(), function, slot: Slot(slots + index * 8) });
        }
    }
}

impl Slot {
    pub(crate) fn get(self) -> usize {
        read(self.0)
    }

    /// Points the slot at another function. False if the page cannot be made writable.
    pub(crate) fn set(self, function: usize) -> bool {
        let mut protection = 0;
        // SAFETY: the slot is eight bytes within the image, which is mapped.
        let opened =
            unsafe { VirtualProtect(self.0 as *const _, 8, PAGE_READWRITE, &raw mut protection) };
        if opened == 0 {
            return false;
        }
        memory::write(CALL, "an import slot", self.0, function);
        // SAFETY: as above; this restores the protection.
        unsafe { VirtualProtect(self.0 as *const _, 8, protection, &raw mut protection) };
        true
    }
}

/// The address that a module exports under a name; 0 if it exports no such name.
pub(crate) fn exported(module: &str, function: &str) -> usize {
    let module = Text::new(module);
    // SAFETY: the name ends with a zero.
    let module = unsafe { GetModuleHandleW(module.wide().as_ptr()) };
    let name: Vec<u8> = function.bytes().chain([0]).collect();
    // SAFETY: the name ends with a zero; the call rejects a NULL module.
    let address = unsafe { GetProcAddress(module, name.as_ptr()) };
    address.map_or(0, |address| address as usize)
}

fn file_of(base: usize) -> PathBuf {
    let mut buffer = [0_u16; 1024];
    // SAFETY: the buffer is as long as stated.
    let length = unsafe { GetModuleFileNameW(base as *mut _, buffer.as_mut_ptr(), 1024) };
    let path = buffer.get(..length as usize).unwrap_or_default();
    Path::new(&String::from_utf16_lossy(path)).to_path_buf()
}

fn read<T: zerocopy::FromBytes>(address: usize) -> T {
    memory::read(CALL, "the image", address)
}

fn text(address: usize) -> String {
    let bytes = memory::read_terminated::<u8>(CALL, "an import's name", address, NAME_LIMIT);
    String::from_utf8_lossy(&bytes).into_owned()
}
