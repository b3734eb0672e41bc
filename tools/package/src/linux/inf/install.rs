//! The rules for the sections that install and uninstall a primitive driver, and
//! for its service.

use super::syntax::{Inf, Line, Section};
use super::{Fault, Faults, Rule};

static PRIMITIVE: Rule =
    Rule { name: "primitive", code: Some(1212), page: "develop/creating-a-primitive-driver" };
static DECORATED: Rule =
    Rule { name: "decorated", code: Some(1420), page: "develop/creating-a-primitive-driver" };
static UNINSTALL: Rule =
    Rule { name: "uninstall", code: None, page: "develop/creating-a-primitive-driver" };
static SERVICES: Rule =
    Rule { name: "services", code: None, page: "install/inf-defaultinstall-services-section" };
static CLASS_INSTALL: Rule =
    Rule { name: "class-install", code: Some(1285), page: "install/inf-classinstall32-section" };
static LEGACY: Rule =
    Rule { name: "legacy", code: Some(1300), page: "install/using-a-universal-inf-file" };
static SERVICE: Rule =
    Rule { name: "service", code: None, page: "install/inf-addservice-directive" };
static START_TYPE: Rule =
    Rule { name: "start-type", code: None, page: "install/inf-addservice-directive" };
static BINARY: Rule = Rule { name: "binary", code: None, page: "install/using-dirids" };
static RELATIVE_KEY: Rule = Rule {
    name: "relative-key",
    code: Some(1221),
    page: "devtest/inf-validation-errors-and-warnings",
};
static VALUE_TYPE: Rule =
    Rule { name: "value-type", code: None, page: "install/inf-addreg-directive" };

/// The processors of Windows 10 and later, as section names spell them.
const DECORATIONS: [&str; 2] = ["NTamd64", "NTarm64"];

/// Directives that are obsolete or change more than the package itself.
const LEGACY_DIRECTIVES: [&str; 12] = [
    "BitReg",
    "CopyINF",
    "DelFiles",
    "DelReg",
    "DelService",
    "Ini2Reg",
    "LogConfig",
    "ProfileItems",
    "RegisterDlls",
    "RenFiles",
    "UnregisterDlls",
    "UpdateInis",
];

pub(super) fn check(inf: &Inf, faults: &mut Faults) {
    if let Some(section) = inf.section("Manufacturer") {
        let detail = "a primitive driver installs on no device".to_owned();
        faults.push(Fault { rule: &PRIMITIVE, line: section.number, detail });
    }
    for section in inf.sections().filter(|section| begins(section, "ClassInstall32")) {
        let detail = "a package may not define classes".to_owned();
        faults.push(Fault { rule: &CLASS_INSTALL, line: section.number, detail });
    }
    let mut installs = 0;
    for section in inf.sections() {
        let mut parts = section.name.splitn(3, '.');
        let (base, decoration, rest) = (parts.next(), parts.next(), parts.next());
        let is_install = base.is_some_and(|base| base.eq_ignore_ascii_case("DefaultInstall"));
        let is_uninstall = base.is_some_and(|base| base.eq_ignore_ascii_case("DefaultUninstall"));
        if !is_install && !is_uninstall {
            continue;
        }
        let decoration = decoration.unwrap_or("");
        if !DECORATIONS.iter().any(|known| known.eq_ignore_ascii_case(decoration)) {
            let detail = format!("[{}] names no known processor", section.name);
            faults.push(Fault { rule: &DECORATED, line: section.number, detail });
        } else if rest.is_none() && is_install {
            installs += 1;
            install(inf, section, faults);
        } else if rest.is_none() {
            uninstall(inf, section, decoration, faults);
        }
        if is_install {
            legacy(section, faults);
        }
    }
    if installs == 0 {
        let detail =
            "there is no [DefaultInstall.NTamd64], nor one for another processor".to_owned();
        faults.push(Fault { rule: &PRIMITIVE, line: 0, detail });
    }
}

fn begins(section: &Section, name: &str) -> bool {
    section.name.split('.').next().is_some_and(|base| base.eq_ignore_ascii_case(name))
}

fn install(inf: &Inf, section: &Section, faults: &mut Faults) {
    let name = format!("{}.Services", section.name);
    let services: Vec<&Line> =
        inf.section(&name).map(|own| own.entries("AddService").collect()).unwrap_or_default();
    if services.is_empty() {
        let detail = format!("[{}] has no section [{name}] with an AddService", section.name);
        faults.push(Fault { rule: &SERVICES, line: section.number, detail });
    }
    for line in services {
        if let Some(section) = inf.section(line.value(2)) {
            service(inf, section, faults);
        }
    }
}

/// Checks the section that uninstalls on older systems. Windows 10 undoes an installation without
/// it.
fn uninstall(inf: &Inf, section: &Section, decoration: &str, faults: &mut Faults) {
    let mut fault = |detail: String| {
        faults.push(Fault { rule: &UNINSTALL, line: section.number, detail });
    };
    if section.value("LegacyUninstall") != Some("1") {
        fault(format!("[{}] is without LegacyUninstall = 1", section.name));
    }
    if inf.section(&format!("DefaultInstall.{decoration}")).is_none() {
        fault(format!("[{}] undoes what is not installed", section.name));
    }
}

fn legacy(section: &Section, faults: &mut Faults) {
    for line in &section.lines {
        if LEGACY_DIRECTIVES.iter().any(|directive| line.is(directive)) {
            let key = line.key.as_deref().unwrap_or("");
            let detail = format!("{key} is obsolete");
            faults.push(Fault { rule: &LEGACY, line: line.number, detail });
        }
    }
}

fn service(inf: &Inf, section: &Section, faults: &mut Faults) {
    let number = |key| section.value(key).and_then(number);
    let mut fault = |rule, detail: String| {
        faults.push(Fault { rule, line: section.number, detail });
    };
    if number("ServiceType") != Some(1) {
        fault(&SERVICE, "ServiceType is not 1, a kernel driver".to_owned());
    }
    if number("ErrorControl").is_none_or(|level| level > 3) {
        fault(&SERVICE, "ErrorControl is not 0 to 3".to_owned());
    }
    // Automatic start is "never" for drivers; a disabled service is not installed.
    if ![Some(0), Some(1), Some(3)].contains(&number("StartType")) {
        fault(&START_TYPE, "StartType is not 0 (boot), 1 (system) or 3 (demand)".to_owned());
    }
    let binary = section.value("ServiceBinary").unwrap_or("");
    let file = binary.strip_prefix(r"%13%\");
    if !file.is_some_and(|file| is_source(inf, file)) {
        fault(&BINARY, format!("ServiceBinary \"{binary}\" is no file of the package in %13%"));
    }
    let references = section.entries("AddReg").flat_map(|line| &line.values);
    for registry in references.filter_map(|name| inf.section(name)) {
        for line in &registry.lines {
            registry_value(line, faults);
        }
    }
}

fn is_source(inf: &Inf, file: &str) -> bool {
    inf.section("SourceDisksFiles").is_some_and(|files| files.entries(file).next().is_some())
}

/// `root, key, name, flags, value`.
fn registry_value(line: &Line, faults: &mut Faults) {
    let mut fault = |rule, detail: String| {
        faults.push(Fault { rule, line: line.number, detail });
    };
    if !line.value(0).eq_ignore_ascii_case("HKR") {
        fault(&RELATIVE_KEY, format!("{} is not the package's own HKR", line.value(0)));
    }
    // Bits 16 to 18 are the type; REG_DWORD is 0x00010001.
    let flags = number(line.value(3)).unwrap_or(0);
    if flags & 0x0007_0001 == 0x0001_0001 && number(line.value(4)).is_none() {
        fault(&VALUE_TYPE, format!("\"{}\" is no REG_DWORD", line.value(4)));
    }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
