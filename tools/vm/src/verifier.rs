//! Driver Verifier, and the framework's own.

use anyhow::{Result, bail};

use crate::needs::{self, Need};
use crate::places::DRIVER;
use crate::run::Step;
use crate::service;

/// The framework's settings for this driver.
/// <https://learn.microsoft.com/windows-hardware/drivers/wdf/registry-values-for-debugging-kmdf-drivers>
const FRAMEWORK_KEY: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\SessionWatch\Parameters\Wdf";

/// What is set there: the verifier, the macro `WDFVERIFY`, and references to
/// handles of every type.
const FRAMEWORK_VALUES: [(&str, &str, &str); 3] = [
    ("VerifierOn", "REG_DWORD", "1"),
    ("VerifyOn", "REG_DWORD", "1"),
    ("TrackHandles", "REG_MULTI_SZ", "*"),
];

/// The rule classes of `/standard`: special pool, forced IRQL checking, pool
/// tracking, I/O verification, deadlock detection, DMA checking, security checks,
/// miscellaneous checks, DDI compliance checking, WDF verification.
const STANDARD: [&str; 10] = ["1", "2", "4", "5", "6", "8", "9", "12", "18", "34"];

/// Randomized low resources simulation: 6 % of the allocations fail, from 7
/// minutes after the start on.
const LOW_RESOURCES: &str = "3";

/// From the next start on.
pub(crate) fn on(low_resources: bool) -> Result<()> {
    needs::expect(&[Need::Administrator])?;
    // The framework's settings would stay for ever in the key of a service that is none.
    if !service::is_installed()? {
        bail!("the driver is not installed: `cargo make install` first");
    }
    turn_on(low_resources).run()?;
    for (name, kind, value) in FRAMEWORK_VALUES {
        Step::new("reg", ["add", FRAMEWORK_KEY, "/v", name, "/t", kind, "/d", value, "/f"])
            .run()?;
    }
    println!("start Windows anew; `cargo make verifier-status` then shows what is verified");
    Ok(())
}

/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/verifier-command-line>
fn turn_on(low_resources: bool) -> Step {
    let step = if low_resources {
        let classes = STANDARD.into_iter().chain([LOW_RESOURCES]);
        Step::new(
            "verifier",
            ["/ruleclasses"].into_iter().chain(classes).chain(["/driver", DRIVER]),
        )
    } else {
        Step::new("verifier", ["/standard", "/driver", DRIVER])
    };
    step.accepting(&[(2, "From the next start of Windows on.")])
}

/// Driver Verifier has one setting for the whole machine, so this ends it for all
/// drivers.
pub(crate) fn off() -> Result<()> {
    needs::expect(&[Need::Administrator])?;
    Step::new("verifier", ["/reset"])
        .accepting(&[(2, "From the next start of Windows on.")])
        .run()?;
    for (name, _, _) in FRAMEWORK_VALUES {
        Step::new("reg", ["delete", FRAMEWORK_KEY, "/v", name, "/f"])
            .accepting(&[(1, "It was not set.")])
            .run()?;
    }
    Ok(())
}

/// What will be verified from the next start on, and what is verified now.
pub(crate) fn status() -> Result<()> {
    needs::expect(&[Need::Administrator])?;
    settings().run()?;
    Step::new("verifier", ["/query"]).run()
}

fn settings() -> Step {
    Step::new("verifier", ["/querysettings"])
}

/// Whether the driver is to be verified.
pub(crate) fn names_driver() -> Result<bool> {
    let said = settings().ask()?;
    Ok(String::from_utf8_lossy(&said.stdout).to_lowercase().contains(DRIVER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_resources_come_on_top_of_what_is_standard() {
        assert_eq!(turn_on(false).to_string(), "verifier /standard /driver sessionwatch.sys");
        assert_eq!(
            turn_on(true).to_string(),
            "verifier /ruleclasses 1 2 4 5 6 8 9 12 18 34 3 /driver sessionwatch.sys"
        );
    }
}
