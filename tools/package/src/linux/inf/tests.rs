//! The shipped INF breaks no rule. Each change breaks one rule.

use jiff::civil::date;
use proptest::prelude::*;

use super::super::stamp::stamp;
use super::faults;

/// The shipped INF.
fn shipped(architecture: &str) -> String {
    let inx = include_str!("../../../../../inf/sessionwatch.inx");
    stamp(inx, date(2026, 3, 9), "0.1.0", architecture).unwrap()
}

#[test]
fn the_shipped_inf_breaks_no_rule() {
    for architecture in ["amd64", "arm64"] {
        let faults = faults(&shipped(architecture));
        assert!(faults.is_empty(), "{faults:#?}");
    }
}

#[test]
fn an_unstamped_inf_breaks_only_the_rules_that_the_stamp_satisfies() {
    let faults = faults(include_str!("../../../../../inf/sessionwatch.inx"));
    let mut names: Vec<_> = faults.iter().map(|fault| fault.rule.name).collect();
    names.dedup();
    assert_eq!(names, ["driver-version", "decorated", "primitive"]);
}

/// A rule, a text of the INF, and the replacement that breaks the rule.
const BREAKS: &[(&str, &str, &str)] = &[
    ("readable", "[Version]", "stray\r\n[Version]"),
    ("readable", "[SourceDisksNames]", "[SourceDisksNames]\r\n[Strings"),
    ("encoding", "installation disk", "installation d\u{ef}sk"),
    ("signature", "$WINDOWS NT$", "$WINDOWS 95$"),
    ("signature", "Signature ", "Signatur "),
    ("class", "= System", "= Sample"),
    ("class", "= System", "= ANameOfMoreThanThirtyTwoCharacters"),
    ("class-guid", "{4D36E97D-", "{4D36E97E-"),
    ("class-guid", "= System", "= Own\r\nClassGuid = 12"),
    ("class-guid", "= {4D36E97D-E325-11CE-BFC1-08002BE10318}", "= {4D36E97D-E325-11CE-BFC1}"),
    ("provider", "\"sessionwatch\"\r\nDiskName", "\"Microsoft\"\r\nDiskName"),
    ("provider", "= %Provider%", "="),
    ("catalogue", "CatalogFile", ";"),
    ("catalogue", "sessionwatch.cat", "sessionwatch"),
    ("driver-version", "03/09/2026", "2026-03-09"),
    ("driver-version", "03/09/2026", "13/09/2026"),
    ("driver-version", "0.1.0.0", "0.1.0"),
    ("driver-version", "0.1.0.0", "0.1.0.65536"),
    ("lockdown", "PnpLockdown = 1", "PnpLockdown = 0"),
    ("lockdown", "PnpLockdown = 1", ""),
    ("primitive", "[SourceDisksNames]", "[Manufacturer]\r\n[SourceDisksNames]"),
    ("decorated", "[SourceDisksNames]", "[DefaultInstall]\r\n[SourceDisksNames]"),
    ("decorated", "[SourceDisksNames]", "[DefaultInstall.NTppc]\r\n[SourceDisksNames]"),
    ("uninstall", "LegacyUninstall = 1", "LegacyUninstall = 0"),
    (
        "uninstall",
        "[SourceDisksNames]",
        "[DefaultUninstall.NTarm64]\r\nLegacyUninstall=1\r\n[SourceDisksNames]",
    ),
    ("services", "[SourceDisksNames]", "[DefaultInstall.NTarm64]\r\n[SourceDisksNames]"),
    ("class-install", "[SourceDisksNames]", "[ClassInstall32]\r\n[SourceDisksNames]"),
    (
        "legacy",
        "CopyFiles = SessionWatch.Files",
        "CopyFiles = SessionWatch.Files\r\nRegisterDlls = X",
    ),
    ("legacy", ", SessionWatch.Service", ", SessionWatch.Service\r\nDelService = Other"),
    ("service", "ServiceType   = 1", "ServiceType   = 2"),
    ("service", "ErrorControl  = 1", "ErrorControl  = 4"),
    ("start-type", "StartType     = 1", "StartType     = 2"),
    ("start-type", "StartType     = 1", "StartType     = 4"),
    ("start-type", "StartType     = 1", ""),
    ("binary", r"%13%\sessionwatch.sys", r"%12%\sessionwatch.sys"),
    ("binary", r"%13%\sessionwatch.sys", r"%13%\other.sys"),
    ("relative-key", "HKR, Parameters, RingCapacity", "HKLM, Parameters, RingCapacity"),
    ("value-type", "0x00010003, 16384", "0x00010003, many"),
    (
        "section-found",
        ", SessionWatch.Service\r\n",
        ", SessionWatch.Service\r\nAddService = B,,Missing\r\n",
    ),
    ("section-used", "[SourceDisksNames]", "[Forgotten]\r\n[SourceDisksNames]"),
    ("one-use", "= SessionWatch.RemovedFiles", "= SessionWatch.RemovedFiles, SessionWatch.Files"),
    ("string-found", "%DisplayName%", "%DisplayedName%"),
    ("file-listed", "[SessionWatch.Files]", "[SessionWatch.Files]\r\nother.sys"),
    ("disk-listed", "sessionwatch.sys = 1", "sessionwatch.sys = 2"),
    ("driver-store", "DefaultDestDir = 13", "DefaultDestDir = 12"),
    ("driver-store", "DefaultDestDir = 13", "DefaultDestDir = 13\r\nSessionWatch.Files = 10"),
];

#[test]
fn one_change_breaks_one_rule() {
    let shipped = shipped("amd64");
    for (rule, old, new) in BREAKS {
        assert!(shipped.contains(old), "{rule}: \"{old}\" is not in the INF");
        let broken = shipped.replacen(old, new, 1);
        let faults = faults(&broken);
        assert!(!faults.is_empty(), "{rule}: \"{new}\" breaks nothing");
        for fault in &faults {
            assert_eq!(fault.rule.name, *rule, "\"{new}\": {fault}");
        }
    }
}

#[test]
fn a_fault_names_its_line_and_the_page_that_demands_the_rule() {
    let broken = shipped("amd64").replace("PnpLockdown = 1", "PnpLockdown = 0");
    let said = faults(&broken)[0].to_string();
    let line = broken.lines().position(|line| line.starts_with("PnpLockdown")).unwrap() + 1;
    assert_eq!(
        said,
        format!(
            "line {line}: PnpLockdown: lets programs change the installed driver (lockdown, InfVerif 1324: \
             https://learn.microsoft.com/windows-hardware/drivers/install/inf-version-section)"
        )
    );
}

proptest! {
    /// The checks end with a fault for any text.
    #[test]
    fn any_text_breaks_a_rule(
        text in r#"([\[\]=,;"%\\\\@ .a-z0-9]|\[[A-Z][a-z]+\]|\r?\n|DefaultInstall.NTamd64|%13%|\PC){0,80}"#
    ) {
        prop_assert!(!faults(&text).is_empty());
    }

    /// The checks never panic if a piece of the INF is missing.
    #[test]
    fn an_inf_without_a_piece_does_not_panic(start in 0_usize..4000, length in 1_usize..40) {
        let shipped = shipped("amd64");
        let start = start % shipped.len();
        let end = (start + length).min(shipped.len());
        let _some = faults(&[&shipped[..start], &shipped[end..]].concat());
    }
}
