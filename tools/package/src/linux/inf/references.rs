//! The rules for references: to sections, strings, files and disks.

use std::collections::BTreeMap;

use super::syntax::{Inf, Line, Part, Section, tokens};
use super::{Fault, Faults, Rule};

static SECTION_FOUND: Rule = Rule {
    name: "section-found",
    code: Some(1203),
    page: "devtest/inf-validation-errors-and-warnings",
};
static SECTION_USED: Rule = Rule {
    name: "section-used",
    code: Some(2083),
    page: "devtest/inf-validation-errors-and-warnings",
};
static ONE_USE: Rule =
    Rule { name: "one-use", code: Some(1205), page: "devtest/inf-validation-errors-and-warnings" };
static STRING_FOUND: Rule = Rule {
    name: "string-found",
    code: Some(1235),
    page: "devtest/inf-validation-errors-and-warnings",
};
static FILE_LISTED: Rule =
    Rule { name: "file-listed", code: Some(1230), page: "install/inf-sourcedisksfiles-section" };
static DISK_LISTED: Rule =
    Rule { name: "disk-listed", code: None, page: "install/inf-sourcedisksnames-section" };
static DRIVER_STORE: Rule =
    Rule { name: "driver-store", code: None, page: "develop/creating-a-primitive-driver" };

/// Directives whose values are names of sections.
const DIRECTIVES: [&str; 4] = ["AddReg", "CopyFiles", "DelFiles", "DelReg"];

/// Sections that Windows looks for by name.
const KNOWN: [&str; 5] =
    ["Version", "SourceDisksNames", "SourceDisksFiles", "DestinationDirs", "Strings"];

pub(super) fn check(inf: &Inf, faults: &mut Faults) {
    sections(inf, faults);
    strings(inf, faults);
    files(inf, faults);
}

/// The directive of a line, and the sections that it refers to.
fn referred(line: &Line) -> Option<(&'static str, Vec<&str>)> {
    if line.is("AddService") {
        return Some(("AddService", vec![line.value(2)]));
    }
    let directive = DIRECTIVES.into_iter().find(|directive| line.is(directive))?;
    // An @ marks a single file instead of a section.
    let names = line.values.iter().map(String::as_str).filter(|name| !name.starts_with('@'));
    Some((directive, names.collect()))
}

fn sections(inf: &Inf, faults: &mut Faults) {
    let mut uses: BTreeMap<String, &str> = BTreeMap::new();
    for line in inf.sections().flat_map(|section| &section.lines) {
        let Some((directive, names)) = referred(line) else { continue };
        for name in names {
            if inf.section(name).is_none() {
                let detail = format!("{directive} names [{name}], which is not there");
                faults.push(Fault { rule: &SECTION_FOUND, line: line.number, detail });
            }
            let earlier = uses.insert(name.to_ascii_lowercase(), directive);
            if let Some(earlier) = earlier.filter(|earlier| *earlier != directive) {
                let detail = format!("[{name}] is used by {earlier} and by {directive}");
                faults.push(Fault { rule: &ONE_USE, line: line.number, detail });
            }
        }
    }
    for section in inf.sections() {
        if !is_entry(section) && !uses.contains_key(&section.name.to_ascii_lowercase()) {
            let detail = format!("nothing uses [{}]", section.name);
            faults.push(Fault { rule: &SECTION_USED, line: section.number, detail });
        }
    }
}

fn is_entry(section: &Section) -> bool {
    let base = section.name.split('.').next().unwrap_or("");
    let entries = ["DefaultInstall", "DefaultUninstall", "Manufacturer", "ClassInstall32"];
    KNOWN.iter().any(|known| section.name.eq_ignore_ascii_case(known))
        || entries.iter().any(|entry| base.eq_ignore_ascii_case(entry))
}

fn strings(inf: &Inf, faults: &mut Faults) {
    for line in inf.sections().flat_map(|section| &section.lines) {
        for value in &line.values {
            for part in tokens(value) {
                let Part::Token(token) = part else { continue };
                let is_directory = token.chars().all(|digit| digit.is_ascii_digit());
                let strings = inf.section("Strings");
                if !is_directory && strings.and_then(|strings| strings.value(token)).is_none() {
                    let detail = format!("%{token}% is not in [Strings]");
                    faults.push(Fault { rule: &STRING_FOUND, line: line.number, detail });
                }
            }
        }
    }
}

/// Checks that each copied file is on a listed disk, and goes to the driver store.
fn files(inf: &Inf, faults: &mut Faults) {
    let listed = inf.section("SourceDisksFiles");
    let copies = inf.sections().flat_map(|section| section.entries("CopyFiles"));
    for line in copies {
        for name in &line.values {
            if let Some(file) = name.strip_prefix('@') {
                copied(listed, file, line.number, faults);
                destination(inf, None, line.number, faults);
            } else if let Some(section) = inf.section(name) {
                for file in &section.lines {
                    copied(listed, file.value(0), file.number, faults);
                }
                destination(inf, Some(name), line.number, faults);
            }
        }
    }
    let disks = inf.section("SourceDisksNames");
    for line in listed.iter().flat_map(|listed| &listed.lines) {
        if disks.is_none_or(|disks| disks.entries(line.value(0)).next().is_none()) {
            let detail = format!("disk {} is not in [SourceDisksNames]", line.value(0));
            faults.push(Fault { rule: &DISK_LISTED, line: line.number, detail });
        }
    }
}

fn copied(listed: Option<&Section>, file: &str, line: usize, faults: &mut Faults) {
    if listed.is_none_or(|listed| listed.entries(file).next().is_none()) {
        let detail = format!("{file} is not in [SourceDisksFiles]");
        faults.push(Fault { rule: &FILE_LISTED, line, detail });
    }
}

fn destination(inf: &Inf, section: Option<&str>, line: usize, faults: &mut Faults) {
    let directories = inf.section("DestinationDirs");
    let value = |key| directories.and_then(|directories| directories.value(key));
    if section.and_then(value).or_else(|| value("DefaultDestDir")) != Some("13") {
        let detail = "the files do not stay in the driver store, directory 13".to_owned();
        faults.push(Fault { rule: &DRIVER_STORE, line, detail });
    }
}
