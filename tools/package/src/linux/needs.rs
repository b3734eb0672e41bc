//! The needs of packaging and of the product's tests, beyond those of openkit.

use openkit::Need;

/// The needs, each with the Debian package that provides it.
pub(super) fn own() -> Vec<Need> {
    [
        ("makes certificates, serves TLS", "/usr/bin/openssl", "openssl"),
        ("signs driver and catalogue", "/usr/bin/osslsigncode", "osslsigncode"),
        ("is the terminal of the tests", "/usr/bin/tmux", "tmux"),
        ("checks the manual", "/usr/bin/mandoc", "mandoc"),
        ("reads the tool's output", "/usr/bin/jq", "jq"),
        ("reads the tool's output", "/usr/bin/python3", "python3"),
        ("is Wine's TLS", "/usr/lib/x86_64-linux-gnu/libgnutls.so.30", "libgnutls30"),
    ]
    .map(|(purpose, path, package)| Need {
        purpose,
        path: path.into(),
        package: package.to_owned(),
    })
    .into()
}
