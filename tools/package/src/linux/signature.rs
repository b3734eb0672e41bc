//! Signs files with `osslsigncode`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use openkit::{Hint as _, program};

use super::certificate::TestCertificate;
use crate::product::NAME;

/// Signs an image or a catalogue. Keeps `unsigned`, and replaces `signed`.
///
/// The signing time is the start of the certificate's validity, so the same file gives the same
/// bytes. Without a time-stamping authority, the signing time proves nothing anyway.
pub(super) fn sign(certificate: &TestCertificate, unsigned: &Path, signed: &Path) -> Result<()> {
    // osslsigncode does not replace an existing file.
    if signed.exists() {
        fs::remove_file(signed).with_context(|| format!("cannot replace {}", signed.display()))?;
    }
    let mut osslsigncode = Command::new("osslsigncode");
    osslsigncode
        .args(["sign", "-h", "sha256", "-n", NAME])
        .arg("-certs")
        .arg(&certificate.certificate)
        .arg("-key")
        .arg(&certificate.key)
        .arg("-time")
        .arg(certificate.valid_from().as_secs().to_string())
        .arg("-in")
        .arg(unsigned)
        .arg("-out")
        .arg(signed);
    let said = osslsigncode
        .output()
        .context("cannot start osslsigncode")
        .hint("run `cargo make setup`")?;
    program::expect_success("osslsigncode", &said)
}
