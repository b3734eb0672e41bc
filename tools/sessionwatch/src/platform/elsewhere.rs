//! Every system but Windows.

use std::sync::Arc;

use sessionwatch_failure::NotWindows;
use sessionwatch_smb::SessionServer;

/// The calls that list SMB sessions.
///
/// # Errors
///
/// Always.
pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, NotWindows> {
    Err(NotWindows::new("SMB sessions can be listed"))
}
