//! Requirements for the machine that installs the driver, beyond those of packaging.

use anyhow::Result;
use package::windows::{Answer, CLANG, KIT, Need, Step, find_kit};

/// The needs of installing a test-signed driver.
pub(crate) const INSTALLING: [Need; 4] = [ADMINISTRATOR, WINDOWS, NO_SECURE_BOOT, TEST_SIGNING];

/// The first Windows with KMDF 1.31, 10 version 2004.
/// <https://learn.microsoft.com/windows-hardware/drivers/wdf/kmdf-version-history>
const FIRST_BUILD: u32 = 19041;

pub(crate) const WINDOWS: Need = Need {
    name: "Windows 10 version 2004 or later",
    problem: "this Windows has no KMDF 1.31",
    hint: "use a later Windows: version 2004 is the first with it",
    question: || {
        Step::windows(
            "reg",
            [
                "query",
                r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
                "/v",
                "CurrentBuildNumber",
            ],
        )
    },
    is_met_by: |answer| match answer {
        Answer::Said(said) => build(said).is_some_and(|build| build >= FIRST_BUILD),
        Answer::None | Answer::Failed => false,
    },
};

/// Administrator rights. The SID of the high integrity level marks an elevated process in every
/// language.
/// <https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers>
pub(crate) const ADMINISTRATOR: Need = Need {
    name: "administrator",
    problem: "this prompt has no administrator's rights",
    hint: "use a command prompt that runs as administrator",
    question: || Step::windows("whoami", ["/groups", "/fo", "csv", "/nh"]),
    is_met_by: |answer| matches!(answer, Answer::Said(said) if said.contains("S-1-16-12288")),
};

/// Secure Boot is off. A machine without Secure Boot, or without an answer, counts as off.
/// <https://learn.microsoft.com/powershell/module/secureboot/confirm-securebootuefi>
pub(crate) const NO_SECURE_BOOT: Need = Need {
    name: "Secure Boot off",
    problem: "Secure Boot is on, so test signing cannot be switched on",
    hint: "switch Secure Boot off in the virtual machine's settings",
    question: || Step::windows("powershell", ["-NoProfile", "-Command", "Confirm-SecureBootUEFI"]),
    is_met_by: |answer| !matches!(answer, Answer::Said(said) if said.trim() == "True"),
};

/// Test signing is on. Checks the options of the current start of Windows, because `bcdedit` shows
/// those of the next one.
pub(crate) const TEST_SIGNING: Need = Need {
    name: "test signing",
    problem: "this start of Windows loads no drivers that are signed for tests",
    hint: "run `bcdedit /set testsigning on` and restart Windows",
    question: || {
        Step::windows(
            "reg",
            ["query", r"HKLM\SYSTEM\CurrentControlSet\Control", "/v", "SystemStartOptions"],
        )
    },
    is_met_by: |answer| matches!(answer, Answer::Said(said) if said.to_ascii_uppercase().contains("TESTSIGNING")),
};

/// The number at the end of the output of `reg query`.
fn build(said: &str) -> Option<u32> {
    said.split_whitespace().last()?.parse().ok()
}

/// Lists all needs, including those of packaging. Fails if one is not met.
pub(crate) fn report() -> Result<()> {
    find_kit();
    Need::report(&[WINDOWS, ADMINISTRATOR, NO_SECURE_BOOT, TEST_SIGNING, KIT, CLANG])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        let is_met = |need: Need, said: &str| (need.is_met_by)(Answer::Said(said));
        let start = "    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN  TESTSIGNING\r\n";
        assert!(is_met(TEST_SIGNING, start));
        assert!(!is_met(TEST_SIGNING, "    SystemStartOptions    REG_SZ     NOVGA\r\n"));
        assert!(!(TEST_SIGNING.is_met_by)(Answer::Failed));
        assert!(!is_met(NO_SECURE_BOOT, "True\r\n"));
        assert!(is_met(NO_SECURE_BOOT, "False\r\n"));
        assert!((NO_SECURE_BOOT.is_met_by)(Answer::Failed));
        assert!((NO_SECURE_BOOT.is_met_by)(Answer::None));
        let build = |number| {
            format!(
                "\r\nHKEY_LOCAL_MACHINE\\...\r\n    CurrentBuildNumber    REG_SZ    {number}\r\n\r\n"
            )
        };
        assert!(is_met(WINDOWS, &build(19041)));
        assert!(!is_met(WINDOWS, &build(18363)));
        let high = "\"Mandatory Label\\High Mandatory Level\",\"Label\",\"S-1-16-12288\",\"\"\r\n";
        assert!(is_met(ADMINISTRATOR, high));
        assert!(!is_met(ADMINISTRATOR, &high.replace("12288", "8192")));
        assert!(!(ADMINISTRATOR.is_met_by)(Answer::None));
    }
}
