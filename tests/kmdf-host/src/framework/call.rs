//! A call of the driver into the framework.

use std::sync::Arc;

use kmdf_host_control::Rule;

use crate::framework::binding;
use crate::machine::irql;
use crate::machine::load::Load;
use crate::watch::rules::violation;

/// The running call, which a violation names.
pub(crate) struct Call {
    pub(crate) name: &'static str,
    pub(crate) load: Arc<Load>,
}

impl Call {
    /// Checks the globals and the IRQL, as for every function of the table. The real framework
    /// checks the IRQL only under its verifier.
    pub(crate) fn enter(name: &'static str, highest: u8, globals: usize) -> Self {
        let binding = binding::require(name);
        if globals != binding.globals() {
            violation(
                name,
                Rule::WrongGlobals,
                format!("got {globals:#x}, bound with {:#x}", binding.globals()),
            );
        }
        irql::require(name, highest);
        let load = Arc::clone(&binding.load);
        load.counters.calls.add();
        Self { name, load }
    }

    /// Ends the run.
    pub(crate) fn fail(&self, rule: Rule, detail: impl Into<String>) -> ! {
        violation(self.name, rule, detail)
    }

    /// Ends the run unless a `Size` field is right.
    pub(crate) fn check_size<T>(&self, structure: &str, size: u32) {
        let expected = size_of::<T>();
        if size as usize != expected {
            self.fail(Rule::WrongSize, format!("{structure}.Size is {size}, not {expected}"));
        }
    }

    /// The handle of the `WDFDRIVER`. Ends the run if it is not created yet.
    pub(crate) fn require_driver(&self) -> usize {
        match binding::require(self.name).driver() {
            0 => self.fail(Rule::NullHandle, "WdfDriverCreate was not called"),
            driver => driver,
        }
    }
}
