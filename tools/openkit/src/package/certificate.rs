//! The certificate that packages for test machines are signed with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context as _, Result};
use der::{DecodePem as _, Encode as _};
use x509_cert::Certificate;

use crate::program;

/// Names the folder of a certificate of the user's own.
const FOLDER_VARIABLE: &str = "SESSIONWATCH_CERTIFICATE";

/// A key and a certificate that it signed itself: worth something only on a
/// machine whose administrator has said so.
#[derive(Debug)]
pub(crate) struct TestCertificate {
    /// The private key, PEM.
    pub(crate) key: PathBuf,
    /// The certificate, PEM.
    pub(crate) certificate: PathBuf,
    content: Certificate,
}

impl TestCertificate {
    /// The certificate in the folder that `SESSIONWATCH_CERTIFICATE` names, or
    /// else in this one. Made where there is none.
    pub(crate) fn obtain(folder: &Path) -> Result<Self> {
        let named = env::var_os(FOLDER_VARIABLE).map(PathBuf::from);
        Self::in_folder(named.as_deref().unwrap_or(folder))
    }

    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
        if !certificate.exists() {
            make(folder, &key, &certificate)?;
        }
        let text = fs::read(&certificate)
            .with_context(|| format!("cannot read {}", certificate.display()))?;
        let content = Certificate::from_pem(text)
            .with_context(|| format!("{} is no certificate in PEM", certificate.display()))?;
        Ok(Self { key, certificate, content })
    }

    /// As Windows imports it: DER.
    pub(crate) fn to_der(&self) -> Result<Vec<u8>> {
        self.content.to_der().context("the certificate cannot be encoded")
    }

    /// The first moment at which it is valid, since 1970.
    pub(crate) fn valid_from(&self) -> Duration {
        self.content.tbs_certificate.validity.not_before.to_unix_duration()
    }
}

/// In a folder that nobody else may enter.
fn make(folder: &Path, key: &Path, certificate: &Path) -> Result<()> {
    let mut private = fs::DirBuilder::new();
    private.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    println!("a certificate for test machines, valid for 10 years: {}", certificate.display());
    // What the kit's own test certificate says, and no more: it may sign code.
    // https://learn.microsoft.com/windows-hardware/drivers/install/makecert-test-certificate
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "rsa:3072", "-noenc", "-sha256", "-days", "3650"])
        .args(["-subj", "/CN=sessionwatch (test)"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "keyUsage=critical,digitalSignature"])
        .args(["-addext", "extendedKeyUsage=codeSigning"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate);
    let said = openssl.output().context("cannot start openssl: run `openkit setup`")?;
    program::expect_success("openssl", &said)
}
