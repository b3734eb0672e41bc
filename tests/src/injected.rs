//! Stand-ins for functions of DLLs that Wine always takes from its own folder.

use std::path::Path;
use std::process::Command;

use crate::package::Package;

/// The descriptor of a file that only SYSTEM and Administrators can change.
pub const SAFE: &str = "O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";

/// The tool, for which every file has a security descriptor like one of Windows: `of_all`, as SDDL,
/// or the one that `script` gives its path. `log` gets the paths.
///
/// Wine has no such descriptors: it makes them of the mode and the owner of a file.
#[must_use]
pub fn with_security(tool: &Path, of_all: &str, script: &[(&str, &str)], log: &Path) -> Command {
    let stand_ins = Package::built().file(r"..\wine\stand-ins").canonicalize().unwrap();
    let mut program = Command::new(stand_ins.join("inject.exe"));
    let lines: Vec<String> = script.iter().map(|(path, sddl)| format!("{path}|{sddl}")).collect();
    program.arg(stand_ins.join("descriptors.dll")).arg(tool);
    program.env("DESCRIPTORS_OF_ALL", of_all).env("DESCRIPTORS_SCRIPT", lines.join("\n"));
    program.env("DESCRIPTORS_LOG", log);
    program
}
