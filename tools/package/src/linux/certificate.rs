//! The certificate that signs packages for test machines.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context as _, Result};
use der::{DecodePem as _, Encode as _};
use openkit::{Hint as _, program};
use x509_cert::Certificate;

use crate::product::{CERTIFICATE_VARIABLE, SUBJECT};

/// A key and its self-signed certificate. Only a machine whose administrator imports the
/// certificate trusts it.
#[derive(Debug)]
pub(super) struct TestCertificate {
    /// The private key, PEM.
    pub(super) key: PathBuf,
    /// The certificate, PEM.
    pub(super) certificate: PathBuf,
    content: Certificate,
}

impl TestCertificate {
    /// The certificate in the folder that the user's variable names, or else in this one. Creates
    /// a certificate if the folder has none.
    pub(super) fn obtain(folder: &Path) -> Result<Self> {
        let named = env::var_os(CERTIFICATE_VARIABLE).map(PathBuf::from);
        Self::in_folder(named.as_deref().unwrap_or(folder))
    }

    pub(super) fn in_folder(folder: &Path) -> Result<Self> {
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

    /// The certificate in DER, the form that Windows imports.
    pub(super) fn to_der(&self) -> Result<Vec<u8>> {
        self.content.to_der().context("the certificate cannot be encoded")
    }

    /// The start of its validity, since 1970.
    pub(super) fn valid_from(&self) -> Duration {
        self.content.tbs_certificate.validity.not_before.to_unix_duration()
    }
}

/// Creates key and certificate, in a folder that no other user may enter.
fn make(folder: &Path, key: &Path, certificate: &Path) -> Result<()> {
    let mut private = fs::DirBuilder::new();
    private.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut private, 0o700);
    private.create(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    println!("new certificate for test machines, valid for 10 years: {}", certificate.display());
    // It may sign code and nothing else, like the kit's own test certificate.
    // https://learn.microsoft.com/windows-hardware/drivers/install/makecert-test-certificate
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "rsa:3072", "-noenc", "-sha256", "-days", "3650"])
        .args(["-subj", &format!("/CN={SUBJECT}")])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "keyUsage=critical,digitalSignature"])
        .args(["-addext", "extendedKeyUsage=codeSigning"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate);
    let said = openssl.output().context("cannot start openssl").hint("run `cargo make setup`")?;
    program::expect_success("openssl", &said)
}
