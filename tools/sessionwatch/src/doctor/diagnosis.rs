//! Turns facts into findings.

use sessionwatch_failure::Failure;
use sessionwatch_reader::ReadError;

use super::facts::{Facts, Service, ServiceState, StartType, WindowsVersion};
use super::finding::Finding;
use super::journal;
use crate::service::{NAME, ServiceReport, ShownTrouble};

/// The first build with everything that the driver calls: Windows 10 version 2004, which brought
/// `ExAllocatePool2` (its page) and KMDF 1.31.
const FIRST_WINDOWS: WindowsVersion = WindowsVersion { major: 10, minor: 0, build: 19_041 };
/// The framework that the driver is built for.
const FIRST_KMDF: (u16, u16) = (1, 31);

/// `CODEINTEGRITY_OPTION_TESTSIGN`, as documented with `NtQuerySystemInformation`.
const TESTSIGN: u32 = 0x2;
/// `CODEINTEGRITY_OPTION_HVCI_KMCI_ENABLED`.
const HVCI_KMCI_ENABLED: u32 = 0x400;

/// `ERROR_INVALID_PARAMETER` of `winerror.h`: the framework rejected the driver's start.
const ERROR_INVALID_PARAMETER: u32 = 87;
/// `ERROR_INVALID_IMAGE_HASH` of `winerror.h`: Windows rejected the driver's signature.
const ERROR_INVALID_IMAGE_HASH: u32 = 577;
/// `ERROR_SERVICE_NEVER_STARTED` of `winerror.h`.
const ERROR_SERVICE_NEVER_STARTED: u32 = 1077;

/// The findings, one for each check, in the order in which an administrator would check.
#[must_use]
pub fn diagnose(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![
        windows(facts.windows),
        framework(facts.kmdf),
        administrator(facts.is_administrator),
        test_signing(facts),
        secure_boot(facts),
        memory_integrity(facts),
    ];
    findings.extend(service(facts.service));
    match &facts.driver {
        Ok(status) => {
            findings.push(Finding::ok("device", "the driver answers"));
            findings.extend(journal::findings(status, facts.last_logon));
        }
        Err(error) => findings.push(device(error)),
    }
    findings.push(log_service(facts.log_service.as_ref()));
    findings
}

fn windows(version: Option<WindowsVersion>) -> Finding {
    let check = "windows";
    match version {
        None => Finding::unknown(check, "its version is unknown"),
        Some(version) if version < FIRST_WINDOWS => {
            Finding::problem(check, format!("version {version} is too old for the driver"))
                .advise(format!("use Windows 10 version 2004 ({FIRST_WINDOWS}) or later"))
        }
        Some(version) => Finding::ok(check, format!("version {version}")),
    }
}

fn framework(version: Option<(u16, u16)>) -> Finding {
    let check = "framework";
    let (major, minor) = FIRST_KMDF;
    match version {
        None => Finding::unknown(check, "the version of KMDF is unknown"),
        Some(version) if version < FIRST_KMDF => Finding::problem(
            check,
            format!("KMDF {}.{} is older than the driver needs", version.0, version.1),
        )
        .advise(format!("update Windows: KMDF {major}.{minor} comes with version 2004")),
        Some(version) => Finding::ok(check, format!("KMDF {}.{}", version.0, version.1)),
    }
}

fn administrator(is_administrator: Option<bool>) -> Finding {
    let check = "administrator";
    match is_administrator {
        None => Finding::unknown(check, "it is unknown whether you are one"),
        Some(true) => Finding::ok(check, "you are one"),
        Some(false) => {
            Finding::problem(check, "you are not one here, and only administrators may read")
                .advise("run this from an elevated prompt (\"Run as administrator\")")
        }
    }
}

fn test_signing(facts: &Facts) -> Finding {
    let check = "test_signing";
    match facts.code_integrity {
        None => Finding::unknown(check, "it is unknown whether it is on"),
        Some(bits) if bits & TESTSIGN != 0 => {
            Finding::ok(check, "on: drivers with a test certificate may run")
        }
        Some(_) if facts.driver.is_ok() => {
            Finding::ok(check, "off, and the driver runs without it")
        }
        Some(_) => Finding::warning(check, "off: a driver with a test certificate does not start")
            .advise("`bcdedit /set testsigning on`, then restart Windows"),
    }
}

fn secure_boot(facts: &Facts) -> Finding {
    let check = "secure_boot";
    match facts.is_secure_boot {
        None => Finding::unknown(check, "unknown; a machine without UEFI has none"),
        Some(false) => Finding::ok(check, "off"),
        Some(true) if facts.driver.is_ok() => Finding::ok(check, "on, and the driver runs"),
        Some(true) => Finding::warning(check, "on: test signing cannot be turned on")
            .advise("turn it off in the firmware, or use a driver that Microsoft has signed"),
    }
}

fn memory_integrity(facts: &Facts) -> Finding {
    let check = "memory_integrity";
    match facts.code_integrity {
        None => Finding::unknown(check, "it is unknown whether it is on"),
        Some(bits) if bits & HVCI_KMCI_ENABLED == 0 => Finding::ok(check, "off"),
        Some(_) if facts.driver.is_ok() => Finding::ok(check, "on, and the driver runs"),
        Some(_) => Finding::ok(
            check,
            "on: the drivers that it rejects are in the log CodeIntegrity/Operational",
        ),
    }
}

fn service(service: Option<Service>) -> Vec<Finding> {
    let check = "service";
    let (start, state) = match service {
        None => return vec![Finding::unknown(check, "the service manager does not answer")],
        Some(Service::Missing) => {
            return vec![Finding::problem(check, "the driver is not installed").advise(
                "run `pnputil /add-driver sessionwatch.inf /install` in the folder of the package",
            )];
        }
        Some(Service::Installed { start, state }) => (start, state),
    };
    let state = match state {
        ServiceState::Running => Finding::ok(check, "running"),
        ServiceState::StartPending => {
            Finding::warning(check, "starting").advise("wait, then run doctor again")
        }
        ServiceState::StopPending => Finding::warning(check, "stopping")
            .advise("end the programs that have the device open, such as `sessionwatch follow`"),
        ServiceState::Stopped(code) => stopped(code),
    };
    vec![state, start_type(start)]
}

fn stopped(code: u32) -> Finding {
    let check = "service";
    match code {
        0 | ERROR_SERVICE_NEVER_STARTED => Finding::problem(check, "installed, not running")
            .advise("start it: `sc start sessionwatch`"),
        ERROR_INVALID_IMAGE_HASH => {
            Finding::problem(check, "not running: Windows rejected its signature (577)")
                .advise("trust its certificate and turn test signing on")
        }
        ERROR_INVALID_PARAMETER => {
            Finding::problem(check, "not running: the framework rejected it (87)")
                .advise("update Windows to version 2004 or later")
        }
        code => Finding::problem(check, format!("not running: its start ended with error {code}"))
            .advise(format!("look the number up with `net helpmsg {code}`")),
    }
}

fn start_type(start: StartType) -> Finding {
    let check = "start";
    match start {
        StartType::WithWindows => Finding::ok(check, "with Windows"),
        StartType::OnDemand => {
            Finding::warning(check, "on demand: events before its start are not seen")
                .advise("`sc config sessionwatch start= system`")
        }
        StartType::Disabled => {
            Finding::problem(check, "disabled").advise("`sc config sessionwatch start= system`")
        }
    }
}

/// The service that writes the log. A machine may do without it.
fn log_service(report: Option<&ServiceReport>) -> Finding {
    let check = "log_service";
    let Some(report) = report else {
        return Finding::unknown(check, "the service manager does not answer");
    };
    let Some(state) = report.state else {
        return Finding::ok(check, "not installed: events are kept in the ring only");
    };
    if let Some(ShownTrouble { since, reason }) = &report.trouble {
        return Finding::problem(check, format!("stuck since {since}: {reason}"))
            .advise("remove the cause; the service then continues by itself");
    }
    if state != "running" {
        return Finding::problem(check, format!("{state}: only the ring keeps events"))
            .advise(format!("start it: `sc start {NAME}`"));
    }
    let last = report.log.as_ref().and_then(|log| log.summary.last_entry.as_deref());
    match last {
        Some(last) => Finding::ok(check, format!("running, with its last entry at {last}")),
        None => Finding::warning(check, "running, and its log has no entry")
            .advise("look at the log's folder in `sessionwatch service status`"),
    }
}

/// The error and the advice that every command gives.
fn device(error: &ReadError) -> Finding {
    let finding = Finding::problem("device", error.to_string());
    match error.hint() {
        Some(hint) => finding.advise(hint),
        None => finding,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
