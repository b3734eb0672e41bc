//! The calls of a driver to the framework's verifier.

use kmdf_host_control::Rule;

use crate::framework::call::Call;

/// `WdfVerifierDbgBreakPoint`: no debugger is attached, so the break point ends the run.
pub(crate) fn break_point(call: &Call) {
    call.fail(Rule::BreakPoint, "the driver asked for the debugger");
}
