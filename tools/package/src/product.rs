//! The product: the names of its crates, files, service and certificate.

/// The product's name.
pub const NAME: &str = "sessionwatch";
/// The version in the INF: the workspace's, which this crate shares.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The driver's manifest, from the workspace's folder.
pub const DRIVER_MANIFEST: &str = "driver/Cargo.toml";
/// The driver's cargo package.
pub const DRIVER_PACKAGE: &str = "sessionwatch-driver";
/// The driver as cargo names it on Windows.
pub const DRIVER_LIBRARY: &str = "sessionwatch_driver.dll";
/// The tool's cargo package.
pub const TOOL_PACKAGE: &str = "sessionwatch";
/// The INF before it is stamped, from the workspace's folder.
pub const INF_SOURCE: &str = "inf/sessionwatch.inx";
/// The folder of [`SCRIPT`], from the workspace's folder.
pub const SCRIPT_FOLDER: &str = "docs";

/// The driver's image in the package.
pub const DRIVER: &str = "sessionwatch.sys";
/// The driver's symbols, under the name that the image asks debuggers for.
pub const SYMBOLS: &str = "sessionwatch_driver.pdb";
/// The INF.
pub const INF: &str = "sessionwatch.inf";
/// The catalogue of driver and INF.
pub const CATALOGUE: &str = "sessionwatch.cat";
/// The certificate that driver and catalogue are signed with.
pub const CERTIFICATE: &str = "sessionwatch.cer";
/// The tool.
pub const TOOL: &str = "sessionwatch.exe";
/// The script for `WinDbg`.
pub const SCRIPT: &str = "sessionwatch.js";
/// The page for the person who unpacks the zip.
pub const READ_ME: &str = "README.txt";

/// The driver's service, and its key in the registry.
pub const SERVICE: &str = "SessionWatch";
/// The subject of the test certificate, by which it is found in a store.
pub const SUBJECT: &str = "sessionwatch (test)";
/// The user's certificate store that keeps the private key on Windows.
pub const STORE: &str = "SessionWatchTest";
/// The variable with the folder of a certificate of the user's own, on Linux.
pub const CERTIFICATE_VARIABLE: &str = "SESSIONWATCH_CERTIFICATE";

/// The text of [`READ_ME`], with the line ends of Windows.
#[must_use]
pub fn read_me() -> String {
    include_str!("README.txt").lines().flat_map(|line| [line, "\r\n"]).collect()
}
