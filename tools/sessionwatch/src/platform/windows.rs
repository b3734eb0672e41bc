//! Windows.

use std::sync::Arc;

use sessionwatch_failure::NotWindows;
use sessionwatch_smb::SessionServer;
use sessionwatch_smb::windows::NetworkManagement;

/// The calls that list SMB sessions.
///
/// # Errors
///
/// None.
#[expect(clippy::unnecessary_wraps, reason = "other systems return an error")]
pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, NotWindows> {
    Ok(Arc::new(NetworkManagement))
}
