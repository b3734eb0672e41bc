//! Packaging for Windows on a machine of stand-ins, which answer like the documented programs.
#![cfg(unix)]

use std::fs;
use std::process::Output;

use test_programs::{Answer, Machine, built};

fn package(machine: &Machine, task: &str) -> Output {
    machine.run(&built("package"), &["--system", "windows", task])
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Only the second run finds the certificate.
#[test]
fn build_runs_these_programs_in_this_order() {
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
    let machine = Machine::new(&answers);
    for name in ["sessionwatch_driver.dll", "sessionwatch_driver.pdb", "sessionwatch.exe"] {
        machine.write(&format!("release/{name}"), name);
    }

    for task in ["build", "sign"] {
        let output = package(&machine, task);
        assert!(output.status.success(), "{}", said(&output));
    }
    let mut expected = builds.to_vec();
    expected.push(makes_certificate.to_owned());
    expected.extend(signs.clone());
    expected.push(exports_certificate.to_owned());
    expected.extend(signs);
    assert_eq!(machine.changes(), expected);
    // The driver is cargo's library, renamed to `.sys`.
    let driver = fs::read(machine.path("package/sessionwatch.sys")).unwrap();
    assert_eq!(driver, b"sessionwatch_driver.dll");
}

#[test]
fn build_stops_if_the_kit_is_missing() {
    let machine = Machine::new(&[]);
    machine.remove("programs/stampinf");
    let output = package(&machine, "build");
    assert_eq!(
        said(&output),
        "error: there is no Windows Driver Kit\n\
         hint: install it, or run this in the prompt of the Enterprise WDK\n"
    );
    assert_eq!(machine.changes(), [""; 0]);
}

#[test]
fn check_lists_missing_needs_with_their_hints() {
    let machine = Machine::new(&[("clang --version", 0, "")]);
    machine.remove("programs/stampinf");
    let output = package(&machine, "check");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "missing  Windows Driver Kit                install it, or run this in the prompt of the \
         Enterprise WDK\nfound    LLVM\n"
    );
    assert_eq!(
        said(&output),
        "error: this machine lacks Windows Driver Kit\nhint: the lines above say what to do\n"
    );
}

#[test]
fn only_the_products_own_workspace_is_packaged() {
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let machine = Machine::new(&[("stampinf -?", 0, "")]);
    for arguments in [["--system", "linux", "build"], ["--system", "windows", "sign"]] {
        let mut package = machine.command(&built("package"));
        let output = package.args(arguments).current_dir(&other).output().unwrap();
        assert_eq!(
            said(&output),
            format!(
                "error: {} is not the workspace of sessionwatch: it has no inf/sessionwatch.inx\n\
                 hint: run this in the checkout of sessionwatch\n",
                other.path().display()
            )
        );
    }
}
