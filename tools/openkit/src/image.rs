//! Reads an image and finds every reason why a kernel would not load it as a driver.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context as _, Result};
use object::read::pe::{ImageNtHeaders as _, Import, PeFile64};
use object::{LittleEndian as LE, pe};
use sha2::{Digest as _, Sha256};

/// The modules that a driver may import from. The kernel and the framework's loader are always
/// loaded. The other two are on every driver's link line.
const MODULES: [&str; 4] = ["ntoskrnl.exe", "wdfldr.sys", "hal.dll", "wmilib.sys"];

/// The offset of the checksum in the optional header of a 64-bit image.
const CHECKSUM_IN_OPTIONAL_HEADER: usize = 64;

/// The facts in the headers of an image.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    size: usize,
    hash: [u8; 32],
    machine: u16,
    subsystem: u16,
    characteristics: u16,
    base: u64,
    entry: u32,
    entry_is_code: bool,
    has_relocations: bool,
    checksum: u32,
    computed_checksum: u32,
    /// Imported functions by module, as the image spells them.
    imports: BTreeMap<String, Vec<String>>,
}

impl Image {
    /// Reads a 64-bit image. Any other file is an error.
    pub(crate) fn parse(content: &[u8]) -> Result<Self> {
        let file = PeFile64::parse(content).context("not a 64-bit PE image")?;
        let headers = file.nt_headers();
        let optional = headers.optional_header();
        let entry = optional.address_of_entry_point.get(LE);
        let section = file.section_table().iter().find(|section| {
            let start = section.virtual_address.get(LE);
            (start..start.saturating_add(section.virtual_size.get(LE))).contains(&entry)
        });
        let relocations = file.data_directory(pe::IMAGE_DIRECTORY_ENTRY_BASERELOC);

        let optional_offset = file.dos_header().nt_headers_offset() as usize
            + size_of::<u32>()
            + size_of::<pe::ImageFileHeader>();
        Ok(Self {
            size: content.len(),
            hash: Sha256::digest(content).into(),
            machine: headers.file_header().machine.get(LE),
            subsystem: optional.subsystem.get(LE),
            characteristics: optional.dll_characteristics.get(LE),
            base: optional.image_base.get(LE),
            entry,
            entry_is_code: section.is_some_and(|section| {
                section.characteristics.get(LE) & pe::IMAGE_SCN_MEM_EXECUTE != 0
            }),
            has_relocations: relocations.is_some_and(|directory| directory.size.get(LE) != 0),
            checksum: optional.check_sum.get(LE),
            computed_checksum: checksum(content, optional_offset + CHECKSUM_IN_OPTIONAL_HEADER),
            imports: imports(&file)?,
        })
    }

    /// The reasons why the image is not a driver.
    pub(crate) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut demand = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        demand(self.machine == pe::IMAGE_FILE_MACHINE_AMD64, "the machine is not x64");
        demand(self.subsystem == pe::IMAGE_SUBSYSTEM_NATIVE, "the subsystem is not native");
        demand(self.entry_is_code, "the entry point is not in code");
        demand(self.has_relocations, "there are no relocations");
        demand(self.has(pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT), "data may be executed");
        demand(self.has(pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE), "the base is fixed");
        demand(self.checksum == self.computed_checksum, "the checksum is wrong");
        demand(!self.imports.is_empty(), "nothing is imported");
        for module in self.imports.keys() {
            let known = MODULES.iter().any(|name| module.eq_ignore_ascii_case(name));
            demand(known, &format!("it imports from {module}"));
        }
        faults
    }

    /// The name of the entry point in the linker's map. Each line of the map has the offset in a
    /// section, the name, the address at the preferred base, and the object.
    pub(crate) fn entry_name<'a>(&self, map: &'a str) -> Option<&'a str> {
        let address = self.base + u64::from(self.entry);
        map.lines().find_map(|line| {
            let mut words = line.split_whitespace();
            let (_, name, place) = (words.next()?, words.next()?, words.next()?);
            (u64::from_str_radix(place, 16).ok()? == address).then_some(name)
        })
    }

    fn has(&self, flag: u16) -> bool {
        self.characteristics & flag != 0
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, entry, checksum, characteristics, .. } = self;
        writeln!(formatter, "  size       {size} bytes")?;
        write!(formatter, "  SHA-256    ")?;
        for byte in self.hash {
            write!(formatter, "{byte:02x}")?;
        }
        writeln!(formatter)?;
        writeln!(formatter, "  entry      {entry:#x}")?;
        writeln!(formatter, "  checksum   {checksum:#010x}")?;
        writeln!(formatter, "  flags      {characteristics:#06x}")?;
        for (module, functions) in &self.imports {
            writeln!(formatter, "  imports    {module}: {}", functions.join(" "))?;
        }
        Ok(())
    }
}

fn imports(file: &PeFile64<'_>) -> Result<BTreeMap<String, Vec<String>>> {
    let mut imports = BTreeMap::new();
    let Some(table) = file.import_table().context("the import table is damaged")? else {
        return Ok(imports);
    };
    let mut descriptors = table.descriptors()?;
    while let Some(descriptor) = descriptors.next()? {
        let module = table.name(descriptor.name.get(LE))?;
        let functions: &mut Vec<String> =
            imports.entry(String::from_utf8_lossy(module).into_owned()).or_default();
        let mut thunks = table.thunks(descriptor.original_first_thunk.get(LE))?;
        while let Some(thunk) = thunks.next::<pe::ImageNtHeaders64>()? {
            functions.push(match table.import::<pe::ImageNtHeaders64>(thunk)? {
                Import::Name(_, name) => String::from_utf8_lossy(name).into_owned(),
                Import::Ordinal(ordinal) => format!("#{ordinal}"),
            });
        }
    }
    Ok(imports)
}

/// The sum that the kernel's loader checks: all 16-bit words except the checksum itself, with the
/// carries added back in, plus the length.
fn checksum(content: &[u8], own_offset: usize) -> u32 {
    let sum = content
        .chunks(2)
        .enumerate()
        .filter(|(index, _)| !(own_offset..own_offset + 4).contains(&(index * 2)))
        .map(|(_, word)| u32::from(word[0]) | u32::from(word.get(1).copied().unwrap_or(0)) << 8)
        .fold(0, |sum, word| {
            let sum = sum + word;
            (sum & 0xFFFF) + (sum >> 16)
        });
    // The loader's field has 32 bits, and images are far smaller than 4 GiB.
    sum.wrapping_add(u32::try_from(content.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn driver() -> Image {
        Image {
            size: 4096,
            hash: [0; 32],
            machine: pe::IMAGE_FILE_MACHINE_AMD64,
            subsystem: pe::IMAGE_SUBSYSTEM_NATIVE,
            characteristics: pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT
                | pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE,
            base: 0x1_8000_0000,
            entry: 0x2000,
            entry_is_code: true,
            has_relocations: true,
            checksum: 7,
            computed_checksum: 7,
            imports: BTreeMap::from([
                ("ntoskrnl.exe".to_owned(), vec!["DbgPrint".to_owned()]),
                ("WDFLDR.SYS".to_owned(), vec!["WdfVersionBind".to_owned()]),
            ]),
        }
    }

    #[test]
    fn a_driver_has_no_faults() {
        assert_eq!(driver().faults(), Vec::<String>::new());
    }

    #[test]
    fn every_fault_is_named() {
        let bad = Image {
            machine: pe::IMAGE_FILE_MACHINE_ARM64,
            subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_CUI,
            characteristics: 0,
            entry_is_code: false,
            has_relocations: false,
            computed_checksum: 8,
            imports: BTreeMap::new(),
            ..driver()
        };
        assert_eq!(bad.faults().len(), 8);
    }

    #[test]
    fn an_import_from_user_mode_is_a_fault() {
        let mut image = driver();
        image.imports.insert("KERNEL32.dll".to_owned(), Vec::new());
        assert_eq!(image.faults(), ["it imports from KERNEL32.dll"]);
    }

    #[test]
    fn the_map_names_the_entry_point() {
        let map = "\
 Preferred load address is 0000000180000000

  Address         Publics by Value              Rva+Base               Lib:Object

 0001:00000c80       DriverEntry                0000000180001c80     a.obj
 0001:00001000       FxDriverEntry              0000000180002000     WdfDriverEntry:entry.obj
";
        assert_eq!(driver().entry_name(map), Some("FxDriverEntry"));
        assert_eq!(Image { entry: 0x2004, ..driver() }.entry_name(map), None);
    }

    #[test]
    fn the_checksum_excludes_itself_and_adds_carries_and_length() {
        assert_eq!(checksum(&[1, 0, 2, 0], 100), 3 + 4);
        assert_eq!(checksum(&[1, 0, 9, 9, 9, 9, 2, 0], 2), 3 + 8);
        assert_eq!(checksum(&[0xFF, 0xFF, 2, 0], 100), 2 + 4);
        assert_eq!(checksum(&[1, 0, 5], 100), 6 + 3);
    }

    #[test]
    fn a_file_that_is_not_an_image_is_an_error() {
        assert!(Image::parse(b"").is_err());
        assert!(Image::parse(b"MZ and nothing more").is_err());
    }
}
