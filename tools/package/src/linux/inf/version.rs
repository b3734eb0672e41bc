//! The rules for the section `[Version]`.

use jiff::civil::Date;

use super::syntax::{Inf, Section};
use super::{Fault, Faults, Rule};

static SIGNATURE: Rule =
    Rule { name: "signature", code: Some(1001), page: "install/inf-version-section" };
static CLASS: Rule = Rule {
    name: "class",
    code: Some(1284),
    page: "install/system-defined-device-setup-classes-available-to-vendors",
};
static CLASS_GUID: Rule =
    Rule { name: "class-guid", code: None, page: "develop/creating-a-primitive-driver" };
static PROVIDER: Rule =
    Rule { name: "provider", code: Some(1204), page: "devtest/inf-validation-errors-and-warnings" };
static CATALOGUE: Rule = Rule {
    name: "catalogue",
    code: Some(1233),
    page: "devtest/inf-validation-errors-and-warnings",
};
static DRIVER_VERSION: Rule =
    Rule { name: "driver-version", code: None, page: "install/inf-driverver-directive" };
static LOCKDOWN: Rule =
    Rule { name: "lockdown", code: Some(1324), page: "install/inf-version-section" };

/// The Windows classes that vendors may use and that suit a driver without a device, with their
/// GUIDs.
const CLASSES: [(&str, &str); 1] = [("System", "{4D36E97D-E325-11CE-BFC1-08002BE10318}")];

/// The class of the kit's samples, for Microsoft only.
const SAMPLE: (&str, &str) = ("Sample", "{78A1C341-4539-11D3-B88D-00C04FAD5171}");

/// Accepts a value, or returns the fault in it.
type Judge = fn(&str) -> Result<(), String>;

pub(super) fn check(inf: &Inf, faults: &mut Faults) {
    let Some(version) = inf.section("Version") else {
        let detail = "there is no [Version]".to_owned();
        faults.push(Fault { rule: &SIGNATURE, line: 0, detail });
        return;
    };
    let entries: [(&'static Rule, &str, Judge); 7] = [
        (&SIGNATURE, "Signature", signature),
        (&CLASS, "Class", class),
        (&CLASS_GUID, "ClassGuid", guid),
        (&PROVIDER, "Provider", provider),
        (&CATALOGUE, "CatalogFile", catalogue),
        (&DRIVER_VERSION, "DriverVer", driver_version),
        (&LOCKDOWN, "PnpLockdown", lockdown),
    ];
    for (rule, key, judge) in entries {
        let Some(line) = version.entries(key).next() else {
            let detail = format!("[Version] has no {key}");
            faults.push(Fault { rule, line: version.number, detail });
            continue;
        };
        if let Err(detail) = judge(&inf.expand(&line.values.join(","))) {
            faults.push(Fault { rule, line: line.number, detail: format!("{key}: {detail}") });
        }
    }
    class_fits_guid(version, faults);
}

fn signature(value: &str) -> Result<(), String> {
    let known = ["$windows nt$", "$chicago$"].contains(&value.to_ascii_lowercase().as_str());
    known.then_some(()).ok_or_else(|| format!("\"{value}\" is not \"$Windows NT$\""))
}

fn class(value: &str) -> Result<(), String> {
    if value.eq_ignore_ascii_case(SAMPLE.0) {
        return Err("\"Sample\" is reserved for Microsoft's samples".to_owned());
    }
    let fits = (1..=32).contains(&value.len());
    fits.then_some(()).ok_or_else(|| "is not a name of 1 to 32 characters".to_owned())
}

fn guid(value: &str) -> Result<(), String> {
    if value.eq_ignore_ascii_case(SAMPLE.1) {
        return Err("is that of the class \"Sample\"".to_owned());
    }
    let groups: Vec<&str> = value
        .strip_prefix('{')
        .and_then(|value| value.strip_suffix('}'))
        .unwrap_or("")
        .split('-')
        .collect();
    let is_guid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.chars().all(|digit| digit.is_ascii_hexdigit()));
    is_guid.then_some(()).ok_or_else(|| format!("\"{value}\" is not a GUID in braces"))
}

fn class_fits_guid(version: &Section, faults: &mut Faults) {
    let (Some(class), Some(line)) = (version.value("Class"), version.entries("ClassGuid").next())
    else {
        return;
    };
    let known = CLASSES.iter().find(|(name, _)| name.eq_ignore_ascii_case(class));
    if known.is_some_and(|(_, guid)| !guid.eq_ignore_ascii_case(line.value(0))) {
        let detail = format!("ClassGuid is not that of the class \"{class}\"");
        faults.push(Fault { rule: &CLASS_GUID, line: line.number, detail });
    }
}

fn provider(value: &str) -> Result<(), String> {
    match value {
        "" => Err("is empty".to_owned()),
        _ if value.eq_ignore_ascii_case("Microsoft") => {
            Err("must be who wrote the INF, and that was not Microsoft".to_owned())
        }
        _ => Ok(()),
    }
}

fn catalogue(value: &str) -> Result<(), String> {
    let is_file = value.len() > 4 && value.to_ascii_lowercase().ends_with(".cat");
    is_file.then_some(()).ok_or_else(|| format!("\"{value}\" is not a file name with .cat"))
}

/// Accepts `mm/dd/yyyy,w.x.y.z`, with version numbers of at most 65,535.
fn driver_version(value: &str) -> Result<(), String> {
    let (date, version) = value.split_once(',').ok_or("has no date and version")?;
    Date::strptime("%m/%d/%Y", date).map_err(|_| format!("\"{date}\" is not a date"))?;
    let numbers: Vec<_> = version.split('.').map(str::parse::<u16>).collect();
    let is_version = numbers.len() == 4 && numbers.iter().all(Result::is_ok);
    is_version.then_some(()).ok_or_else(|| format!("\"{version}\" is not a version w.x.y.z"))
}

fn lockdown(value: &str) -> Result<(), String> {
    let is_on = value == "1";
    is_on.then_some(()).ok_or_else(|| "lets programs change the installed driver".to_owned())
}
