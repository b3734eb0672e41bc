//! Building, packaging and signing, by the programs of the kit.
//!
//! The kit's own makefile for Rust drivers, which comes with `wdk-build`, does the
//! same steps, but finds the INF beside the driver's manifest only, names all by
//! the crate, and needs a program that compiles its scripts. Its command lines are
//! these.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::needs::{self, Need};
use crate::places::{CATALOGUE, CERTIFICATE, DRIVER, INF, Places, TOOL};
use crate::run::Step;

/// Where the private key stays: a store of this user's, by this name.
const STORE: &str = "SessionWatchTest";

/// Whom the certificate is for; also how it is found.
pub(crate) const SUBJECT: &str = "sessionwatch (test)";

const KIT_ADVICE: &str = "It comes with the Windows Driver Kit.";

/// What one architecture is called.
#[derive(Debug)]
struct Architecture {
    /// In section names of an INF.
    inf: &'static str,
    /// By `Inf2Cat`: Windows 10 version 2004 and later.
    catalogue: &'static str,
}

/// The one that cargo builds for here.
fn architecture() -> Result<Architecture> {
    match env::consts::ARCH {
        "x86_64" => Ok(Architecture { inf: "amd64", catalogue: "10_VB_X64" }),
        "aarch64" => Ok(Architecture { inf: "arm64", catalogue: "10_VB_ARM64" }),
        other => bail!("the driver is for x64 and ARM64, and this machine is {other}"),
    }
}

/// Builds driver and tool and makes the signed package.
pub(crate) fn package(places: &Places) -> Result<()> {
    find_kit();
    needs::expect(&[Need::Kit, Need::Clang])?;
    let architecture = architecture()?;
    env::set_current_dir(&places.workspace).context("the workspace is gone")?;
    for package in ["sessionwatch-driver", "sessionwatch"] {
        Step::new("cargo", ["build", "--locked", "--release", "--package", package]).run()?;
    }

    fs::create_dir_all(&places.package)
        .with_context(|| format!("cannot make {}", places.package.display()))?;
    let built = |name: &str| places.built.join(name);
    copy(&built("sessionwatch_driver.dll"), &places.file(DRIVER))?;
    copy(&built("sessionwatch_driver.pdb"), &places.file("sessionwatch_driver.pdb"))?;
    copy(&built(TOOL), &places.file(TOOL))?;
    let source = |name: &str| places.workspace.join(name);
    copy(&source("tools/openkit/src/package/README.txt"), &places.file("README.txt"))?;
    copy(&source("docs/sessionwatch.js"), &places.file("sessionwatch.js"))?;
    copy(&source("inf/sessionwatch.inx"), &places.file(INF))?;
    let version = format!("{}.0", env!("CARGO_PKG_VERSION"));
    stamp(&places.file(INF), architecture.inf, &version).run()?;
    verify_inf(&places.file(INF)).run()?;
    sign_all(places, &architecture)?;
    println!("{}", places.package.display());
    Ok(())
}

/// Signs the package that is there, whoever built it.
pub(crate) fn sign(places: &Places) -> Result<()> {
    find_kit();
    needs::expect(&[Need::Kit])?;
    sign_all(places, &architecture()?)
}

fn sign_all(places: &Places, architecture: &Architecture) -> Result<()> {
    let certificate = places.file(CERTIFICATE);
    if find_certificate().ask()?.status.success() {
        export_certificate(&certificate).run()?;
    } else {
        make_certificate(&certificate).run()?;
    }
    // The driver first: the catalogue has its hash, which a signature leaves as it is.
    sign_file(&places.file(DRIVER)).run()?;
    make_catalogue(&places.package, architecture.catalogue).run()?;
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
    .advising(KIT_ADVICE)
}

/// `/w`: the rules for Windows drivers.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/running-infverif-from-the-command-line>
fn verify_inf(inf: &Path) -> Step {
    Step::new("infverif", ["/v", "/w", &inf.to_string_lossy()])
        .advising("What it says of inf/sessionwatch.inx must be put right.")
}

/// Local time, which is what `stampinf` puts in.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/inf2cat>
fn make_catalogue(package: &Path, windows: &str) -> Step {
    let (driver, windows) = (format!("/driver:{}", package.display()), format!("/os:{windows}"));
    Step::new("inf2cat", [driver, windows, "/uselocaltime".to_owned()]).advising(KIT_ADVICE)
}

/// Self-signed, for signing code, in a store of this user's and as a file. The
/// default length of the key would be 1,024 bits.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/makecert>
fn make_certificate(file: &Path) -> Step {
    let subject = format!("CN={SUBJECT}");
    let file = file.to_string_lossy();
    let words = ["-r", "-pe", "-a", "SHA256", "-len", "2048", "-eku", "1.3.6.1.5.5.7.3.3"];
    Step::new("makecert", words.into_iter().chain(["-ss", STORE, "-n", &subject, &file]))
        .advising(KIT_ADVICE)
}

/// <https://learn.microsoft.com/windows-server/administration/windows-commands/certutil#-store>
fn find_certificate() -> Step {
    Step::new("certutil", ["-user", "-store", STORE, SUBJECT])
}

fn export_certificate(file: &Path) -> Step {
    Step::new("certutil", ["-user", "-f", "-store", STORE, SUBJECT, &file.to_string_lossy()])
}

/// Without a time stamp: the certificate is for test machines, and lasts.
/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/signtool>
fn sign_file(file: &Path) -> Step {
    let words = ["sign", "/v", "/fd", "SHA256", "/s", STORE, "/n", SUBJECT];
    let file = file.to_string_lossy();
    Step::new("signtool", words.into_iter().chain([file.as_ref()])).advising(KIT_ADVICE)
}

/// Puts the kit's folders before all others on the path. If there is no kit, what
/// comes next says so.
fn find_kit() {
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
