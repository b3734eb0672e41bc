//! The product: the names of its crates, files, service and certificate.

/// The product's name.
pub const NAME: &str = "sessionwatch";
/// The version in the INF: the workspace's, which this crate shares.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The driver's manifest, relative to the workspace.
pub const DRIVER_MANIFEST: &str = "driver/Cargo.toml";
/// The driver's cargo package.
pub const DRIVER_PACKAGE: &str = "sessionwatch-driver";
/// Cargo's name for the driver on Windows.
pub const DRIVER_LIBRARY: &str = "sessionwatch_driver.dll";
/// The tool's cargo package.
pub const TOOL_PACKAGE: &str = "sessionwatch";
/// The INF before the stamp, relative to the workspace.
pub const INF_SOURCE: &str = "inf/sessionwatch.inx";
/// The folder of [`SCRIPT`], relative to the workspace.
pub const SCRIPT_FOLDER: &str = "docs";

/// The driver's image in the package.
pub const DRIVER: &str = "sessionwatch.sys";
/// The driver's symbols, under the name that the image asks debuggers for.
pub const SYMBOLS: &str = "sessionwatch_driver.pdb";
/// The INF.
pub const INF: &str = "sessionwatch.inf";
/// The catalogue of driver and INF.
pub const CATALOGUE: &str = "sessionwatch.cat";
/// The certificate that signs driver and catalogue.
pub const CERTIFICATE: &str = "sessionwatch.cer";
/// The tool.
pub const TOOL: &str = "sessionwatch.exe";
/// The script for `WinDbg`.
pub const SCRIPT: &str = "sessionwatch.js";
/// The page for the person who unpacks the zip.
pub const READ_ME: &str = "README.txt";

/// The driver's service, and its key in the registry.
pub const SERVICE: &str = "SessionWatch";
/// The name of the log service in the service manager, which `sessionwatch service install` creates.
pub const LOG_SERVICE: &str = "SessionWatchLog";
/// The subject of the test certificate, which identifies it in a store.
pub const SUBJECT: &str = "sessionwatch (test)";
/// The user's certificate store that keeps the private key on Windows.
pub const STORE: &str = "SessionWatchTest";
/// The environment variable on Linux for the folder of the user's own certificate.
pub const CERTIFICATE_VARIABLE: &str = "SESSIONWATCH_CERTIFICATE";

/// The text of [`READ_ME`], with Windows line endings.
#[must_use]
pub fn read_me() -> String {
    include_str!("README.txt").lines().flat_map(|line| [line, "\r\n"]).collect()
}
