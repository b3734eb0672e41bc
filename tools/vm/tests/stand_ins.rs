//! Runs the program on a machine of stand-ins, which answer like the documented programs. The
//! tests of the steps cover exit codes above 255.
#![cfg(unix)]

use std::process::Output;

use test_programs::{Answer, Machine, built};

const ADMINISTRATOR: Answer =
    ("whoami /groups /fo csv /nh", 0, "\"High Mandatory Level\",\"Label\",\"S-1-16-12288\",\"\"");
const WINDOWS: Answer = (
    r"reg query HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion /v CurrentBuildNumber",
    0,
    "    CurrentBuildNumber    REG_SZ    26100",
);
const NO_SECURE_BOOT: Answer =
    ("powershell -NoProfile -Command Confirm-SecureBootUEFI", 0, "False");
const TEST_SIGNING: Answer = (
    r"reg query HKLM\SYSTEM\CurrentControlSet\Control /v SystemStartOptions",
    0,
    "    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN  TESTSIGNING",
);
const RUNS: Answer = ("sc query SessionWatch", 0, "        STATE              : 4  RUNNING");
const STOPPED: Answer = ("sc query SessionWatch", 0, "        STATE              : 1  STOPPED");

/// The log service.
const LOG_STOPS: Answer = ("sc stop SessionWatchLog", 0, "");
const LOG_STOPPED: Answer =
    ("sc query SessionWatchLog", 0, "        STATE              : 1  STOPPED");

/// A machine with a package.
fn machine(answers: &[Answer]) -> Machine {
    let machine = Machine::new(answers);
    for name in ["sessionwatch.inf", "sessionwatch.sys", "sessionwatch.cer"] {
        machine.write(&format!("package/{name}"), name);
    }
    machine
}

fn vm(machine: &Machine, task: &str) -> Output {
    machine.run(&built("vm"), &[task])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn install_trusts_the_certificate_stops_the_driver_and_adds_the_package() {
    let machine = machine(&[
        ADMINISTRATOR,
        WINDOWS,
        NO_SECURE_BOOT,
        TEST_SIGNING,
        ("certutil -f -addstore Root PACKAGE/sessionwatch.cer", 0, ""),
        ("certutil -f -addstore TrustedPublisher PACKAGE/sessionwatch.cer", 0, ""),
        LOG_STOPS,
        LOG_STOPPED,
        ("sc stop SessionWatch", 0, ""),
        RUNS,
        STOPPED,
        ("pnputil /add-driver PACKAGE/sessionwatch.inf /install", 0, ""),
    ]);
    let output = vm(&machine, "install");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        machine.changes(),
        [
            "certutil -f -addstore Root PACKAGE/sessionwatch.cer",
            "certutil -f -addstore TrustedPublisher PACKAGE/sessionwatch.cer",
            "sc stop SessionWatchLog",
            "sc stop SessionWatch",
            "pnputil /add-driver PACKAGE/sessionwatch.inf /install",
        ]
    );
}

#[test]
fn install_changes_nothing_on_a_machine_that_would_not_load_the_driver() {
    let machine_with = |secure_boot: Answer, start: Answer, windows: Answer| {
        machine(&[ADMINISTRATOR, windows, secure_boot, start])
    };
    let normal_start = (TEST_SIGNING.0, 0, "    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN");
    let secure_boot = (NO_SECURE_BOOT.0, 0, "True");
    let old = (WINDOWS.0, 0, "    CurrentBuildNumber    REG_SZ    18363");
    for (machine, words) in [
        (machine_with(NO_SECURE_BOOT, normal_start, WINDOWS), "bcdedit /set testsigning on"),
        (machine_with(secure_boot, TEST_SIGNING, WINDOWS), "Secure Boot is on"),
        (machine_with(NO_SECURE_BOOT, TEST_SIGNING, old), "2004 is the first"),
        (
            machine(&[(ADMINISTRATOR.0, 0, "\"\",\"\",\"S-1-16-8192\",\"\"")]),
            "runs as administrator",
        ),
    ] {
        let output = vm(&machine, "install");
        assert!(!output.status.success());
        assert!(said(&output).contains(words), "{}", said(&output));
        assert_eq!(machine.changes(), [""; 0]);
    }
}

#[test]
fn install_reports_a_missing_package_before_it_changes_anything() {
    let machine = machine(&[ADMINISTRATOR, WINDOWS, NO_SECURE_BOOT, TEST_SIGNING]);
    machine.remove("package/sessionwatch.sys");
    let output = vm(&machine, "install");
    assert!(said(&output).contains("cargo make package"), "{}", said(&output));
    assert_eq!(machine.changes(), [""; 0]);
}

#[test]
fn uninstall_removes_package_and_certificate_and_names_the_rest() {
    let machine = machine(&[
        ADMINISTRATOR,
        LOG_STOPS,
        LOG_STOPPED,
        ("sc stop SessionWatch", 0, ""),
        STOPPED,
        (
            "pnputil /enum-drivers",
            0,
            "Microsoft PnP Utility\n\nPublished Name:     oem7.inf\nOriginal Name:      sessionwatch.inf\n",
        ),
        ("pnputil /delete-driver oem7.inf /uninstall", 0, ""),
        ("certutil -store Root sessionwatch (test)", 0, ""),
        ("certutil -delstore Root sessionwatch (test)", 0, ""),
        ("certutil -store TrustedPublisher sessionwatch (test)", 0, ""),
        ("certutil -delstore TrustedPublisher sessionwatch (test)", 0, ""),
        ("sc delete SessionWatch", 0, ""),
        ("verifier /querysettings", 0, "Verified Drivers:\n\nsessionwatch.sys"),
    ]);
    let output = vm(&machine, "uninstall");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        machine.changes(),
        [
            "sc stop SessionWatchLog",
            "sc stop SessionWatch",
            "pnputil /delete-driver oem7.inf /uninstall",
            // The service still exists, so the driver store has not removed it.
            "sc delete SessionWatch",
            "certutil -delstore Root sessionwatch (test)",
            "certutil -delstore TrustedPublisher sessionwatch (test)",
            "verifier /querysettings",
        ]
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("cargo make verifier-off"), "{said}");
    assert!(said.contains("`sessionwatch service remove --purge` removes it"), "{said}");
}

#[test]
fn the_verifier_and_the_frameworks_are_turned_on_and_off() {
    const KEY: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\SessionWatch\Parameters\Wdf";
    let value = |line: &str| format!("reg {}", line.replace("KEY", KEY));
    let on = [
        "verifier /standard /driver sessionwatch.sys".to_owned(),
        value("add KEY /v VerifierOn /t REG_DWORD /d 1 /f"),
        value("add KEY /v VerifyOn /t REG_DWORD /d 1 /f"),
        value("add KEY /v TrackHandles /t REG_MULTI_SZ /d * /f"),
    ];
    let off = [
        "verifier /reset".to_owned(),
        value("delete KEY /v VerifierOn /f"),
        value("delete KEY /v VerifyOn /f"),
        value("delete KEY /v TrackHandles /f"),
    ];
    let mut answers = vec![ADMINISTRATOR, RUNS];
    for line in on.iter().chain(&off) {
        // 2 means that Windows must restart, as documented. 1 means that the value does not exist.
        let code = u8::from(line.contains("delete")) + 2 * u8::from(line.starts_with("verifier"));
        answers.push((line.clone().leak(), code, ""));
    }
    let machine = machine(&answers);
    for task in ["verifier-on", "verifier-off"] {
        let output = vm(&machine, task);
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(machine.changes(), [on, off].concat());
}

#[test]
fn a_driver_that_does_not_start_is_explained() {
    let machine = machine(&[ADMINISTRATOR, ("sc start SessionWatch", 5, "")]);
    let output = vm(&machine, "start");
    assert!(!output.status.success());
    assert!(said(&output).contains("it is not installed"), "{}", said(&output));
}

#[test]
fn start_starts_the_driver_and_then_the_log_service() {
    let machine = machine(&[
        ADMINISTRATOR,
        ("sc start SessionWatch", 0, ""),
        LOG_STOPPED,
        ("sc start SessionWatchLog", 0, ""),
    ]);
    let output = vm(&machine, "start");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(machine.changes(), ["sc start SessionWatch", "sc start SessionWatchLog"]);
}
