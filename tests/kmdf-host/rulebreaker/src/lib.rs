//! A KMDF driver that breaks one rule on demand, to prove that the host detects it.
//!
//! The `DWORD` `Rule` in the service's `Parameters` key selects the rule. [`rules`] has their
//! numbers, and 0 breaks none. The driver uses neither the `wdk` crates nor the host's
//! declarations. It calls the table by index and has hand-written structures ([`kmdf`]), so it
//! checks both independently.
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
