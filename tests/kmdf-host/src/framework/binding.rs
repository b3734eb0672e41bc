//! The binding of the loaded driver to the framework: its globals and its `WDFDRIVER`.

use std::sync::{Arc, Mutex};

use kmdf_host_control::Rule;
use zerocopy::{FromZeros, IntoBytes};

use crate::framework::abi::{DriverGlobals, Handle};
use crate::machine::guarded::Block;
use crate::machine::io_manager::Routines;
use crate::machine::load::Load;
use crate::watch::rules::violation;
use crate::watch::sync::lock;

/// The binding of one load.
pub(crate) struct Binding {
    pub(crate) load: Arc<Load>,
    /// The address of the `WDF_BIND_INFO` that the driver bound with.
    pub(crate) bind_info: usize,
    /// The routines that `WdfDriverCreate` installs.
    pub(crate) routines: Routines,
    globals: Globals,
    driver: Mutex<Handle>,
}

/// The driver's `WDF_DRIVER_GLOBALS`.
pub(crate) struct Globals(Block);

static CURRENT: Mutex<Option<Arc<Binding>>> = Mutex::new(None);

impl Globals {
    /// Zeroed, as they are until `WdfDriverCreate`. `None` when there is no memory.
    pub(crate) fn allocate() -> Option<Self> {
        Block::new(size_of::<DriverGlobals>(), 0).map(Self)
    }

    fn fill(&self, globals: &DriverGlobals) {
        self.0.copy_in(globals.as_bytes());
    }
}

impl Binding {
    /// The address of the globals.
    pub(crate) fn globals(&self) -> usize {
        self.globals.0.address()
    }

    /// The handle of the `WDFDRIVER`, or 0 while there is none.
    pub(crate) fn driver(&self) -> Handle {
        *lock(&self.driver)
    }

    /// Fills in the globals as `WdfDriverCreate` does.
    pub(crate) fn set_driver(&self, driver: Handle, flags: u32, tag: u32, displace_unload: bool) {
        *lock(&self.driver) = driver;
        let mut name = [0; 32];
        let service = self.load.service_name().as_bytes();
        name.iter_mut().take(31).zip(service).for_each(|(to, from)| *to = *from);
        self.globals.fill(&DriverGlobals {
            driver,
            driver_flags: flags,
            driver_tag: tag,
            driver_name: name,
            displace_driver_unload: u8::from(displace_unload),
            padding: [0; 7],
        });
    }

    /// Takes the driver out of the globals again.
    pub(crate) fn clear_driver(&self) {
        *lock(&self.driver) = 0;
        self.globals.fill(&DriverGlobals::new_zeroed());
    }
}

/// Binds the load that has begun.
pub(crate) fn begin(
    load: Arc<Load>,
    bind_info: usize,
    routines: Routines,
    globals: Globals,
) -> Arc<Binding> {
    let driver = Mutex::new(0);
    let binding = Arc::new(Binding { load, bind_info, routines, globals, driver });
    *lock(&CURRENT) = Some(Arc::clone(&binding));
    binding
}

pub(crate) fn end() {
    *lock(&CURRENT) = None;
}

/// The binding of the driver that calls. Ends the run if there is none.
pub(crate) fn require(call: &str) -> Arc<Binding> {
    let current = lock(&CURRENT).clone();
    current.unwrap_or_else(|| violation(call, Rule::WrongGlobals, "no driver is bound"))
}
