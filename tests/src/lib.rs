//! End-to-end and cross-crate tests.
//!
//! The tests in `tests/` run the built files themselves: the `.sys`, the `.exe` and the INF of
//! `target/package`. They install, start and drive them through the system's own interfaces. This
//! crate has the code that the tests share. They run one at a time, in their own Wine prefix,
//! against the KMDF host in `tests/kmdf-host`.
#![cfg(windows)]
#![expect(clippy::missing_panics_doc, reason = "a test helper panics to fail its test")]

mod clock;
mod device;
mod expected;
mod fixture;
mod host;
mod injected;
mod loaded;
mod package;
mod pending;
mod program;
mod registry;
mod service;
mod stand_in;
mod tool;

pub use clock::Moment;
pub use device::{Answer, Device};
pub use expected::{Expected, expected};
pub use fixture::Fixture;
pub use host::{
    Raised, clear_verdicts, counts, last_completion, queues, raise, raise_to, scenario, verdicts,
    wait_for_waiting,
};
pub use injected::{SAFE, with_security};
pub use loaded::LoadedImage;
pub use package::{INSTALLED_IMAGE, Package, sha256};
pub use pending::{OverlappedDevice, PendingRead};
pub use program::spawn;
pub use registry::{set_number, set_text};
pub use service::{Service, start};
pub use stand_in::StandIn;
pub use tool::{Ended, Tool};
