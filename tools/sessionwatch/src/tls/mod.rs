//! A probe of TLS session resumption: two handshakes with one server, and what
//! the system's security package says of each.
//!
//! The package (Schannel on Windows) is the trait [`SecurityPackage`], whose
//! values are plain data; the network is the trait [`Network`]. What drives the
//! one over the other is here, and runs and is tested on any machine.
//!
//! *Why no list of the machine's TLS sessions?* Windows keeps none that can be
//! asked for: `SecPkgContext_SessionInfo` is of one connection of the process that
//! asks. So this makes two of its own.

mod alpn;
mod error;
mod handshake;
mod network;
mod package;
mod probe;
mod record;
mod server;
mod session;
mod status;
mod verdict;

pub use alpn::{ApplicationProtocol, extension};
pub use error::{Stage, TlsError};
pub use network::{Network, Tcp, Wire};
pub use package::{
    Certificate, Client, Decrypted, Facts, Progress, Protocol, SecurityPackage, Step, Unprotected,
    system_package,
};
pub use probe::{Probe, ProbeOptions, probe};
pub use record::Alert;
pub use server::{Host, Server};
pub use session::{SessionFlags, SessionInfo, TooLong};
pub use status::Status;
pub use verdict::{Hint, Verdict};
