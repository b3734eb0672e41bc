//! A probe of TLS session resumption: two handshakes with one server, and the report of the
//! system's security package on both sessions.
//!
//! - The security package (Schannel on Windows) is the trait [`SecurityPackage`], whose values
//!   are plain data. The module `windows` implements it.
//! - The network is the trait [`Network`]; [`Tcp`] implements it.
//! - [`probe()`] drives the package over the network, on any system. [`Verdict::of`] judges the
//!   result.
//!
//! *Why does it not list the machine's TLS sessions?* Windows keeps no list that a program can
//! query: `SecPkgContext_SessionInfo` describes one connection of the calling process. So the
//! probe makes two connections of its own.
//!
//! This crate knows no driver, no command line and no form of output.

mod alpn;
mod error;
mod facts;
mod handshake;
mod network;
mod package;
mod probe;
mod record;
mod server;
mod session;
mod status;
mod verdict;
#[cfg(windows)]
pub mod windows;

pub use alpn::{ApplicationProtocol, alpn_offer};
pub use error::{Stage, TlsError};
pub use facts::{Certificate, Facts, Protocol};
pub use network::{Network, Tcp, Wire};
pub use package::{Client, Decrypted, Progress, SecurityPackage, Step, Unprotected};
pub use probe::{Probe, ProbeOptions, probe};
pub use record::Alert;
pub use server::{Host, Server};
pub use session::{SessionFlags, SessionIdTooLong, SessionInfo};
pub use status::Status;
pub use verdict::{Hint, Verdict};
