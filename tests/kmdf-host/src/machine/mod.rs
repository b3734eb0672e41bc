//! The machine: the stand-in for the kernel and its loader.
//!
//! It reads the driver's image and resolves its imports, provides the kernel functions that Wine
//! lacks or that have to be watched, checks every pointer of the driver, counts the IRQL, and owns
//! an IRP until it is completed.
//!
//! Imports: the watch. Invariant: the machine **knows no WDF handle**. It deals in addresses, IRPs
//! and kernel objects.

pub(crate) mod callback;
pub(crate) mod clock;
pub(crate) mod crash;
pub(crate) mod debug;
pub(crate) mod event_tracing;
pub(crate) mod guarded;
pub(crate) mod image;
pub(crate) mod imports;
pub(crate) mod io_manager;
pub(crate) mod irp;
pub(crate) mod irql;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod nt;
pub(crate) mod pool;
pub(crate) mod registry;
pub(crate) mod retired_irps;
pub(crate) mod security;
pub(crate) mod session_registration;
pub(crate) mod sessions;
pub(crate) mod text;
pub(crate) mod workers;
