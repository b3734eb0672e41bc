//! A KMDF driver that breaks one rule on demand, to prove that the host notices.
//!
//! The `DWORD` `Rule` below the service's `Parameters` key chooses the rule; [`rules`] names them,
//! and 0 breaks none. The driver is written without the `wdk` crates and without the host's own
//! declarations: it calls the table by index and lays out the structures by hand ([`kmdf`]), so that
//! it is a second opinion on both.
#![no_std]
#![cfg(windows)]

mod device;
mod entry;
mod kernel;
mod kmdf;
mod rules;
mod stages;
mod tracing;
mod waiting;
