//! Packages on Windows, with the programs of the Windows Driver Kit.
//!
//! The command lines are those of the makefile for Rust drivers in `wdk-build`. That makefile takes
//! the same steps, but:
//!
//! - finds the INF only beside the driver's manifest;
//! - names every file after the crate;
//! - needs a program that compiles its scripts.

mod needs;
mod step;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context as _, Result, anyhow};
use openkit::Hint as _;

pub use self::needs::{Answer, CLANG, KIT, Need};
pub use self::step::Step;
use crate::places::Places;
use crate::product::{
    CATALOGUE, CERTIFICATE, DRIVER, DRIVER_LIBRARY, DRIVER_PACKAGE, INF, INF_SOURCE, READ_ME,
    SCRIPT, SCRIPT_FOLDER, STORE, SUBJECT, SYMBOLS, TOOL, TOOL_PACKAGE, VERSION, read_me,
};

const KIT_HINT: &str = "it comes with the Windows Driver Kit";

/// The names of one architecture.
#[derive(Debug)]
struct Architecture {
    /// The name in section names of an INF.
    inf: &'static str,
    /// The name for `inf2cat`: Windows 10 version 2004 and later.
    catalogue: &'static str,
}

/// The architecture that cargo builds for on this machine.
fn architecture() -> Result<Architecture> {
    match env::consts::ARCH {
        "x86_64" => Ok(Architecture { inf: "amd64", catalogue: "10_VB_X64" }),
        "aarch64" => Ok(Architecture { inf: "arm64", catalogue: "10_VB_ARM64" }),
        other => Err(anyhow!("cannot build a driver for {other}"))
            .hint("package on an x64 or an ARM64 machine"),
    }
}

/// Lists the needs of packaging. Returns an error if one is missing.
///
/// # Errors
///
/// A need is not met.
pub fn check() -> Result<ExitCode> {
    find_kit();
    Need::report(&[KIT, CLANG]).map(|()| ExitCode::SUCCESS)
}

/// Builds driver and tool and makes the signed package.
///
/// # Errors
///
/// A need is not met, or a step fails.
pub fn build() -> Result<ExitCode> {
    find_kit();
    Need::expect(&[KIT, CLANG])?;
    let architecture = architecture()?;
    let places = Places::on_windows()?;
    env::set_current_dir(places.workspace().root()).context("cannot enter the workspace")?;
    for package in [DRIVER_PACKAGE, TOOL_PACKAGE] {
        Step::new("cargo", ["build", "--locked", "--release", "--package", package]).run()?;
    }

    let folder = places.package();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let built = places.target().join("release");
    copy(&built.join(DRIVER_LIBRARY), &places.file(DRIVER))?;
    copy(&built.join(SYMBOLS), &places.file(SYMBOLS))?;
    copy(&built.join(TOOL), &places.file(TOOL))?;
    copy(&places.source(SCRIPT_FOLDER).join(SCRIPT), &places.file(SCRIPT))?;
    copy(&places.source(INF_SOURCE), &places.file(INF))?;
    let page = places.file(READ_ME);
    fs::write(&page, read_me()).with_context(|| format!("cannot write {}", page.display()))?;

    stamp(&places.file(INF), architecture.inf, &format!("{VERSION}.0")).run()?;
    verify_inf(&places.file(INF)).run()?;
    sign_all(&places, &architecture)?;
    println!("{}", folder.display());
    Ok(ExitCode::SUCCESS)
}

/// Signs the package in the target folder, whichever system built it.
///
/// # Errors
///
/// The kit is missing, or a step fails.
pub fn sign() -> Result<ExitCode> {
    find_kit();
    Need::expect(&[KIT])?;
    sign_all(&Places::on_windows()?, &architecture()?)?;
    Ok(ExitCode::SUCCESS)
}

fn sign_all(places: &Places, architecture: &Architecture) -> Result<()> {
    let certificate = places.file(CERTIFICATE);
    if find_certificate().ask()?.status.success() {
        export_certificate(&certificate).run()?;
    } else {
        make_certificate(&certificate).run()?;
    }
    // Sign the driver before the catalogue lists it. The listed hash excludes the signature.
    sign_file(&places.file(DRIVER)).run()?;
    make_catalogue(&places.package(), architecture.catalogue).run()?;
    sign_file(&places.file(CATALOGUE)).run()
}

/// Puts date, version and architecture into the INF.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/stampinf-command-options>
fn stamp(inf: &Path, architecture: &str, version: &str) -> Step {
    let inf = inf.to_string_lossy();
    Step::new(
        "stampinf",
        ["-f", &inf, "-d", "*", "-a", architecture, "-c", CATALOGUE, "-v", version],
    )
    .hinting(KIT_HINT)
}

/// Checks the INF by the rules for Windows drivers (`/w`).
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/running-infverif-from-the-command-line>
fn verify_inf(inf: &Path) -> Step {
    Step::new("infverif", ["/v", "/w", &inf.to_string_lossy()])
        .hinting("correct inf/sessionwatch.inx by the lines above")
}

/// Creates the catalogue with local time, like `stampinf`.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/inf2cat>
fn make_catalogue(package: &Path, windows: &str) -> Step {
    let (driver, windows) = (format!("/driver:{}", package.display()), format!("/os:{windows}"));
    Step::new("inf2cat", [driver, windows, "/uselocaltime".to_owned()]).hinting(KIT_HINT)
}

/// Creates a self-signed certificate for code signing, in a store of this user and as a file. The
/// default key length would be 1,024 bits.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/makecert>
fn make_certificate(file: &Path) -> Step {
    let subject = format!("CN={SUBJECT}");
    let file = file.to_string_lossy();
    let words = ["-r", "-pe", "-a", "SHA256", "-len", "2048", "-eku", "1.3.6.1.5.5.7.3.3"];
    Step::new("makecert", words.into_iter().chain(["-ss", STORE, "-n", &subject, &file]))
        .hinting(KIT_HINT)
}

/// <https://learn.microsoft.com/windows-server/administration/windows-commands/certutil#-store>
fn find_certificate() -> Step {
    Step::windows("certutil", ["-user", "-store", STORE, SUBJECT])
}

fn export_certificate(file: &Path) -> Step {
    Step::windows("certutil", ["-user", "-f", "-store", STORE, SUBJECT, &file.to_string_lossy()])
}

/// Signs a file without a time stamp, because the certificate for test machines does not expire
/// soon.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/signtool>
fn sign_file(file: &Path) -> Step {
    let words = ["sign", "/v", "/fd", "SHA256", "/s", STORE, "/n", SUBJECT];
    let file = file.to_string_lossy();
    Step::new("signtool", words.into_iter().chain([file.as_ref()])).hinting(KIT_HINT)
}

/// Puts the kit's folders at the front of the path. The need [`KIT`] reports a missing kit.
pub fn find_kit() {
    #[cfg(windows)]
    drop(wdk_build::cargo_make::setup_path().map(|names| names.into_iter().count()));
}

fn copy(source: &Path, target: &Path) -> Result<()> {
    fs::copy(source, target)
        .with_context(|| format!("cannot copy {} to {}", source.display(), target.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_are_those_of_the_kits_own_makefile() {
        let inf = Path::new("p/sessionwatch.inf");
        assert_eq!(
            stamp(inf, "arm64", "0.1.0.0").to_string(),
            "stampinf -f p/sessionwatch.inf -d * -a arm64 -c sessionwatch.cat -v 0.1.0.0"
        );
        assert_eq!(verify_inf(inf).to_string(), "infverif /v /w p/sessionwatch.inf");
        assert_eq!(
            make_catalogue(Path::new("a b"), "10_VB_X64").to_string(),
            "inf2cat \"/driver:a b\" /os:10_VB_X64 /uselocaltime"
        );
        assert_eq!(
            make_certificate(Path::new("c.cer")).to_string(),
            "makecert -r -pe -a SHA256 -len 2048 -eku 1.3.6.1.5.5.7.3.3 -ss SessionWatchTest \
             -n \"CN=sessionwatch (test)\" c.cer"
        );
        assert_eq!(
            sign_file(Path::new("d.sys")).to_string(),
            "signtool sign /v /fd SHA256 /s SessionWatchTest /n \"sessionwatch (test)\" d.sys"
        );
        assert_eq!(
            export_certificate(Path::new("c.cer")).to_string(),
            "certutil -user -f -store SessionWatchTest \"sessionwatch (test)\" c.cer"
        );
    }
}
