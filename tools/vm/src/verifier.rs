//! Driver Verifier, and the framework's own verifier.

use anyhow::{Result, anyhow};
use openkit::Hint as _;
use package::product::{DRIVER, SERVICE};
use package::windows::{Need, Step};

use crate::needs::ADMINISTRATOR;
use crate::service;

/// The key of the framework's settings for this driver.
/// <https://learn.microsoft.com/windows-hardware/drivers/wdf/registry-values-for-debugging-kmdf-drivers>
fn framework_key() -> String {
    format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{SERVICE}\Parameters\Wdf")
}

/// The values in that key. They enable the verifier, the macro `WDFVERIFY`, and the tracking of
/// references to handles of every type.
const FRAMEWORK_VALUES: [(&str, &str, &str); 3] = [
    ("VerifierOn", "REG_DWORD", "1"),
    ("VerifyOn", "REG_DWORD", "1"),
    ("TrackHandles", "REG_MULTI_SZ", "*"),
];

/// The rule classes of `/standard`: special pool, forced IRQL checking, pool
/// tracking, I/O verification, deadlock detection, DMA checking, security checks,
/// miscellaneous checks, DDI compliance checking, WDF verification.
const STANDARD: [&str; 10] = ["1", "2", "4", "5", "6", "8", "9", "12", "18", "34"];

/// Randomized low resources simulation: 6 % of the allocations fail, from 7 minutes after the
/// start on.
const LOW_RESOURCES: &str = "3";

/// Turns the verifier on, with effect at the next start of Windows.
pub(crate) fn on(low_resources: bool) -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    // Without the service, no task would ever remove the framework's settings.
    if !service::is_installed()? {
        return Err(anyhow!("cannot verify the driver: it is not installed"))
            .hint("run `cargo make install`");
    }
    turn_on(low_resources).run()?;
    for (name, kind, value) in FRAMEWORK_VALUES {
        let key = framework_key();
        Step::windows("reg", ["add", &key, "/v", name, "/t", kind, "/d", value, "/f"]).run()?;
    }
    println!("restart Windows; `cargo make verifier-status` then shows the verified drivers");
    Ok(())
}

/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/verifier-command-line>
fn turn_on(low_resources: bool) -> Step {
    let step = if low_resources {
        let classes = STANDARD.into_iter().chain([LOW_RESOURCES]);
        Step::windows(
            "verifier",
            ["/ruleclasses"].into_iter().chain(classes).chain(["/driver", DRIVER]),
        )
    } else {
        Step::windows("verifier", ["/standard", "/driver", DRIVER])
    };
    step.accepting(&[(2, "It takes effect at the next start of Windows.")])
}

/// Turns the verifier off for all drivers, because it has one setting for the whole machine.
pub(crate) fn off() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    Step::windows("verifier", ["/reset"])
        .accepting(&[(2, "It takes effect at the next start of Windows.")])
        .run()?;
    for (name, _, _) in FRAMEWORK_VALUES {
        Step::windows("reg", ["delete", &framework_key(), "/v", name, "/f"])
            .accepting(&[(1, "It was not set.")])
            .run()?;
    }
    Ok(())
}

/// Shows the settings for the next start, and the currently verified drivers.
pub(crate) fn status() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    settings().run()?;
    Step::windows("verifier", ["/query"]).run()
}

fn settings() -> Step {
    Step::windows("verifier", ["/querysettings"])
}

/// True if the settings for the next start name the driver.
pub(crate) fn names_driver() -> Result<bool> {
    let said = settings().ask()?;
    Ok(String::from_utf8_lossy(&said.stdout).to_lowercase().contains(DRIVER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_resources_are_added_to_the_standard_rules() {
        assert_eq!(turn_on(false).to_string(), "verifier /standard /driver sessionwatch.sys");
        assert_eq!(
            turn_on(true).to_string(),
            "verifier /ruleclasses 1 2 4 5 6 8 9 12 18 34 3 /driver sessionwatch.sys"
        );
    }
}
