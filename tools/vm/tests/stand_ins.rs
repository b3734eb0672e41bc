//! The program itself, with stand-ins for the programs that it calls: each writes
//! down its command line and answers as a table says, and as the real one is
//! documented to. A command line that is not in the table is an error.
//!
//! An exit code has a byte only here; those of Windows that are accepted beside 0
//! are tested in `run.rs`.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A command line, its exit code, and what it says.
type Answer = (&'static str, u8, &'static str);

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

/// Those of Windows, and those of its kit and of Rust.
const PROGRAMS: [&str; 14] = [
    "whoami",
    "reg",
    "powershell",
    "certutil",
    "pnputil",
    "sc",
    "verifier",
    "stampinf",
    "infverif",
    "inf2cat",
    "makecert",
    "signtool",
    "clang",
    "cargo",
];

/// What changes nothing.
const QUESTIONS: [&str; 9] = [
    "whoami",
    "reg query",
    "powershell",
    "sc query",
    "pnputil /enum",
    "certutil -store",
    "certutil -user -store",
    "stampinf -?",
    "clang",
];

/// A machine of stand-ins.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    /// The answers to one command line are given one after the other, the last
    /// one for ever.
    fn new(test: &str, answers: &[Answer]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _there_may_be_none = fs::remove_dir_all(&folder);
        for sub in ["programs", "package", "release", "answers"] {
            fs::create_dir_all(folder.join(sub)).unwrap();
        }
        for name in ["sessionwatch.inf", "sessionwatch.sys", "sessionwatch.cer"] {
            fs::write(folder.join("package").join(name), name).unwrap();
        }
        let machine = Self { folder };
        for program in PROGRAMS {
            machine.stand_in(program);
        }
        for (number, (line, code, said)) in answers.iter().enumerate() {
            let line = line.replace("PACKAGE", &machine.folder.join("package").to_string_lossy());
            let answer = format!("{line}\n{code}\n{said}\n");
            fs::write(machine.folder.join(format!("answers/{number:02}")), answer).unwrap();
        }
        machine
    }

    /// Looks for the first answer to its command line, and throws it away if there
    /// is another one.
    fn stand_in(&self, program: &str) {
        let script = format!(
            r#"#!/bin/sh
cd '{folder}'
line="{program} $*"
printf '%s\n' "$line" >>calls
found=
for answer in answers/*; do
    if [ "$(/usr/bin/head -n 1 "$answer")" = "$line" ]; then
        if [ -z "$found" ]; then found=$answer; else again=1; fi
    fi
done
if [ -z "$found" ]; then echo "no answer: $line" >&2; exit 99; fi
code=$(/usr/bin/sed -n 2p "$found")
/usr/bin/tail -n +3 "$found"
if [ -n "$again" ]; then /bin/rm "$found"; fi
exit "$code"
"#,
            folder = self.folder.display()
        );
        let path = self.folder.join("programs").join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn vm(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_vm"))
            .args(arguments)
            .env("PATH", self.folder.join("programs"))
            .env("CARGO_TARGET_DIR", &self.folder)
            .output()
            .unwrap()
    }

    /// The command lines that change something: all but questions.
    fn changes(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        let package = self.folder.join("package");
        calls
            .lines()
            .map(|line| line.replace(&*package.to_string_lossy(), "PACKAGE"))
            .filter(|line| !QUESTIONS.iter().any(|question| line.starts_with(question)))
            .collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn install_trusts_the_certificate_stops_what_runs_and_adds_the_package() {
    let machine = Machine::new(
        "install",
        &[
            ADMINISTRATOR,
            WINDOWS,
            NO_SECURE_BOOT,
            TEST_SIGNING,
            ("certutil -f -addstore Root PACKAGE/sessionwatch.cer", 0, ""),
            ("certutil -f -addstore TrustedPublisher PACKAGE/sessionwatch.cer", 0, ""),
            ("sc stop SessionWatch", 0, ""),
            RUNS,
            STOPPED,
            ("pnputil /add-driver PACKAGE/sessionwatch.inf /install", 0, ""),
        ],
    );
    let output = machine.vm(&["install"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        machine.changes(),
        [
            "certutil -f -addstore Root PACKAGE/sessionwatch.cer",
            "certutil -f -addstore TrustedPublisher PACKAGE/sessionwatch.cer",
            "sc stop SessionWatch",
            "pnputil /add-driver PACKAGE/sessionwatch.inf /install",
        ]
    );
}

#[test]
fn install_changes_nothing_on_a_machine_that_would_not_load_the_driver() {
    let machine_with = |test: &str, secure_boot: Answer, start: Answer, windows: Answer| {
        Machine::new(test, &[ADMINISTRATOR, windows, secure_boot, start])
    };
    let normal_start = (TEST_SIGNING.0, 0, "    SystemStartOptions    REG_SZ     NOEXECUTE=OPTIN");
    let secure_boot = (NO_SECURE_BOOT.0, 0, "True");
    let old = (WINDOWS.0, 0, "    CurrentBuildNumber    REG_SZ    18363");
    for (machine, words) in [
        (
            machine_with("no-test-signing", NO_SECURE_BOOT, normal_start, WINDOWS),
            "bcdedit /set testsigning on",
        ),
        (machine_with("secure-boot", secure_boot, TEST_SIGNING, WINDOWS), "Secure Boot is on"),
        (machine_with("old", NO_SECURE_BOOT, TEST_SIGNING, old), "2004 is the first"),
        (
            Machine::new("no-rights", &[(ADMINISTRATOR.0, 0, "\"\",\"\",\"S-1-16-8192\",\"\"")]),
            "runs as administrator",
        ),
    ] {
        let output = machine.vm(&["install"]);
        assert!(!output.status.success());
        assert!(said(&output).contains(words), "{}", said(&output));
        assert_eq!(machine.changes(), [""; 0]);
    }
}

#[test]
fn a_package_that_is_not_there_is_missed_before_anything_is_changed() {
    let machine =
        Machine::new("no-package", &[ADMINISTRATOR, WINDOWS, NO_SECURE_BOOT, TEST_SIGNING]);
    fs::remove_file(machine.folder.join("package/sessionwatch.sys")).unwrap();
    let output = machine.vm(&["install"]);
    assert!(said(&output).contains("cargo make package"), "{}", said(&output));
    assert_eq!(machine.changes(), [""; 0]);
}

#[test]
fn uninstall_removes_package_certificate_and_says_what_stays() {
    let machine = Machine::new(
        "uninstall",
        &[
            ADMINISTRATOR,
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
        ],
    );
    let output = machine.vm(&["uninstall"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        machine.changes(),
        [
            "sc stop SessionWatch",
            "pnputil /delete-driver oem7.inf /uninstall",
            // It is still there, so the driver store has not removed it.
            "sc delete SessionWatch",
            "certutil -delstore Root sessionwatch (test)",
            "certutil -delstore TrustedPublisher sessionwatch (test)",
            "verifier /querysettings",
        ]
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("cargo make verifier-off"));
}

#[test]
fn the_verifier_is_turned_on_with_that_of_the_framework_and_off_again() {
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
        // 2: as it is documented, a start of Windows is needed. 1: there is no such value.
        let code = u8::from(line.contains("delete")) + 2 * u8::from(line.starts_with("verifier"));
        answers.push((line.clone().leak(), code, ""));
    }
    let machine = Machine::new("verifier", &answers);
    for task in ["verifier-on", "verifier-off"] {
        let output = machine.vm(&[task]);
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(machine.changes(), [on, off].concat());
}

#[test]
fn a_driver_that_does_not_start_is_explained() {
    let machine = Machine::new("start", &[ADMINISTRATOR, ("sc start SessionWatch", 5, "")]);
    let output = machine.vm(&["start"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("it is not installed"), "{}", said(&output));
}

/// The certificate is found the second time.
#[test]
fn a_package_is_built_stamped_signed_and_listed_in_this_order() {
    const SIGN: &str = "signtool sign /v /fd SHA256 /s SessionWatchTest /n sessionwatch (test)";
    const BUILD: &str = "cargo build --locked --release --package";
    let architecture = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    let windows = if cfg!(target_arch = "x86_64") { "10_VB_X64" } else { "10_VB_ARM64" };
    let makes_certificate = "makecert -r -pe -a SHA256 -len 2048 -eku 1.3.6.1.5.5.7.3.3 -ss SessionWatchTest \
         -n CN=sessionwatch (test) PACKAGE/sessionwatch.cer";
    let exports_certificate = "certutil -user -f -store SessionWatchTest sessionwatch (test) \
                               PACKAGE/sessionwatch.cer";
    let builds = [
        format!("{BUILD} sessionwatch-driver"),
        format!("{BUILD} sessionwatch"),
        format!(
            "stampinf -f PACKAGE/sessionwatch.inf -d * -a {architecture} -c sessionwatch.cat -v {}.0",
            env!("CARGO_PKG_VERSION")
        ),
        "infverif /v /w PACKAGE/sessionwatch.inf".to_owned(),
    ];
    let signs = [
        format!("{SIGN} PACKAGE/sessionwatch.sys"),
        format!("inf2cat /driver:PACKAGE /os:{windows} /uselocaltime"),
        format!("{SIGN} PACKAGE/sessionwatch.cat"),
    ];

    let finds = "certutil -user -store SessionWatchTest sessionwatch (test)";
    let mut answers: Vec<Answer> =
        vec![("stampinf -?", 1, ""), ("clang --version", 0, ""), (finds, 1, ""), (finds, 0, "")];
    for line in builds.iter().chain(&signs) {
        answers.push((line.clone().leak(), 0, ""));
    }
    answers.extend([(makes_certificate, 0, ""), (exports_certificate, 0, "")]);
    let machine = Machine::new("package", &answers);
    for name in ["sessionwatch_driver.dll", "sessionwatch_driver.pdb", "sessionwatch.exe"] {
        fs::write(machine.folder.join("release").join(name), name).unwrap();
    }

    for task in ["package", "sign"] {
        let output = machine.vm(&[task]);
        assert!(output.status.success(), "{}", said(&output));
    }
    let mut expected = builds.to_vec();
    expected.push(makes_certificate.to_owned());
    expected.extend(signs.clone());
    expected.push(exports_certificate.to_owned());
    expected.extend(signs);
    assert_eq!(machine.changes(), expected);
    // The driver is what cargo built, under a driver's name.
    let driver = fs::read(machine.folder.join("package/sessionwatch.sys")).unwrap();
    assert_eq!(driver, b"sessionwatch_driver.dll");
}

#[test]
fn without_the_kit_nothing_is_built() {
    let machine = Machine::new("no-kit", &[]);
    fs::remove_file(machine.folder.join("programs/stampinf")).unwrap();
    let output = machine.vm(&["package"]);
    assert!(said(&output).contains("There is no Windows Driver Kit"), "{}", said(&output));
    assert_eq!(machine.changes(), [""; 0]);
}
