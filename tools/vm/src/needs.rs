//! What a machine must be like, looked up before anything is done.

use anyhow::{Result, bail};

use crate::run::Step;

/// Something that a task needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Administrator,
    TestSigning,
    NoSecureBoot,
    Windows,
    Kit,
    Clang,
}

/// What installing a driver that is signed for test machines needs.
pub(crate) const INSTALLING: [Need; 4] =
    [Need::Administrator, Need::Windows, Need::NoSecureBoot, Need::TestSigning];

/// The first Windows with KMDF 1.31, 10 version 2004.
/// <https://learn.microsoft.com/windows-hardware/drivers/wdf/kmdf-version-history>
const FIRST_BUILD: u32 = 19041;

impl Need {
    const ALL: [Self; 6] = [
        Self::Windows,
        Self::Administrator,
        Self::NoSecureBoot,
        Self::TestSigning,
        Self::Kit,
        Self::Clang,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::TestSigning => "test signing",
            Self::NoSecureBoot => "Secure Boot off",
            Self::Windows => "Windows 10 version 2004 or later",
            Self::Kit => "Windows Driver Kit",
            Self::Clang => "LLVM",
        }
    }

    /// What to do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Administrator => "Run this in a command prompt that runs as administrator.",
            Self::TestSigning => {
                "Windows does not load drivers signed for tests: run `bcdedit /set testsigning on` \
                 and start Windows anew."
            }
            Self::NoSecureBoot => {
                "Secure Boot is on, and lets nobody switch test signing on: switch it off in the \
                 virtual machine's settings."
            }
            Self::Windows => "This Windows has no KMDF 1.31: 10 version 2004 is the first with it.",
            Self::Kit => {
                "There is no Windows Driver Kit: install it, or run this in the prompt of the \
                 Enterprise WDK."
            }
            Self::Clang => "There is no clang: `winget install LLVM.LLVM`, and a new prompt.",
        }
    }

    /// What is asked, and whether the answer is good.
    fn question(self) -> (Step, fn(bool, &str) -> bool) {
        match self {
            // The group of a process with all rights, whatever language its name has.
            // https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
            Self::Administrator => {
                (Step::new("whoami", ["/groups", "/fo", "csv", "/nh"]), |succeeds, said| {
                    succeeds && said.contains("S-1-16-12288")
                })
            }
            // The options of this start of Windows; bcdedit shows those of the next.
            Self::TestSigning => (
                Step::new(
                    "reg",
                    ["query", r"HKLM\SYSTEM\CurrentControlSet\Control", "/v", "SystemStartOptions"],
                ),
                |succeeds, said| succeeds && said.to_ascii_uppercase().contains("TESTSIGNING"),
            ),
            // It fails on machines that have no Secure Boot.
            // https://learn.microsoft.com/powershell/module/secureboot/confirm-securebootuefi
            Self::NoSecureBoot => (
                Step::new("powershell", ["-NoProfile", "-Command", "Confirm-SecureBootUEFI"]),
                |succeeds, said| !(succeeds && said.trim() == "True"),
            ),
            Self::Windows => (
                Step::new(
                    "reg",
                    [
                        "query",
                        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
                        "/v",
                        "CurrentBuildNumber",
                    ],
                ),
                |succeeds, said| succeeds && build(said).is_some_and(|build| build >= FIRST_BUILD),
            ),
            Self::Kit => (Step::new("stampinf", ["-?"]), |_, _| true),
            Self::Clang => (Step::new("clang", ["--version"]), |succeeds, _| succeeds),
        }
    }

    pub(crate) fn is_met(self) -> bool {
        let (step, is_good) = self.question();
        match step.ask() {
            Ok(answer) => {
                is_good(answer.status.success(), &String::from_utf8_lossy(&answer.stdout))
            }
            // Whoever cannot be asked about Secure Boot does not know of it.
            Err(_) => self == Self::NoSecureBoot,
        }
    }
}

/// The number at the end of what `reg query` says.
fn build(said: &str) -> Option<u32> {
    said.split_whitespace().last()?.parse().ok()
}

/// Fails with what to do about the first need that is not met.
pub(crate) fn expect(needs: &[Need]) -> Result<()> {
    for need in needs {
        if !need.is_met() {
            bail!("{}", need.advice());
        }
    }
    Ok(())
}

/// Says of each need whether it is met. Fails if one is not.
pub(crate) fn report() -> Result<()> {
    let mut is_complete = true;
    for need in Need::ALL {
        let is_met = need.is_met();
        is_complete &= is_met;
        let (word, advice) =
            if is_met { ("as it must be", "") } else { ("missing", need.advice()) };
        println!("{word:<14}  {:<34}  {advice}", need.name());
    }
    if !is_complete {
        bail!("something is missing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        let is_good = |need: Need, succeeds, said: &str| need.question().1(succeeds, said);
        let start = "    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN  TESTSIGNING\r\n";
        assert!(is_good(Need::TestSigning, true, start));
        assert!(!is_good(
            Need::TestSigning,
            true,
            "    SystemStartOptions    REG_SZ     NOVGA\r\n"
        ));
        assert!(!is_good(Need::NoSecureBoot, true, "True\r\n"));
        assert!(is_good(Need::NoSecureBoot, true, "False\r\n"));
        assert!(is_good(Need::NoSecureBoot, false, ""));
        let build = |number| {
            format!(
                "\r\nHKEY_LOCAL_MACHINE\\...\r\n    CurrentBuildNumber    REG_SZ    {number}\r\n\r\n"
            )
        };
        assert!(is_good(Need::Windows, true, &build(19041)));
        assert!(!is_good(Need::Windows, true, &build(18363)));
        let high = "\"Mandatory Label\\High Mandatory Level\",\"Label\",\"S-1-16-12288\",\"\"\r\n";
        assert!(is_good(Need::Administrator, true, high));
        assert!(!is_good(Need::Administrator, true, &high.replace("12288", "8192")));
    }
}
