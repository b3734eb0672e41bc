//! The driver's side of the callbacks of kernel and framework.

use sessionwatch_protocol::ControlCode;

use super::driver::{Driver, DriverValue};
use super::request::Request;
use super::session_call::SessionCall;
use super::status::{Result, StartError};
use super::trace::Tracing;

/// The driver, as the module [`wdf`](super) calls it. One thunk calls each method; it turns
/// pointers into references and does nothing else.
pub(crate) trait Callbacks: DriverValue {
    /// `DriverEntry`, once the framework's driver object exists. `PASSIVE_LEVEL`.
    fn start(driver: &Driver<Self>, tracing: &Tracing) -> Result<(), StartError>;

    /// `DriverEntry` is about to fail. `PASSIVE_LEVEL`.
    fn start_failed(error: StartError);

    /// A session notification. At most `APC_LEVEL` (observed: `PASSIVE_LEVEL`). Several calls
    /// run at once, each for another session.
    fn session_changed(&self, call: &SessionCall);

    /// A device control request. `PASSIVE_LEVEL`, several at once.
    fn device_control(&self, request: Request, code: ControlCode);

    /// A request left the pending queue because it was cancelled. `PASSIVE_LEVEL`.
    fn request_cancelled(&self, request: Request);
}
