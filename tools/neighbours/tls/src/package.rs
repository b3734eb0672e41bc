//! The interface of the system's security package, as plain data.

use crate::facts::Facts;
use crate::session::SessionIdTooLong;
use crate::status::Status;

/// A security package, set up for one server. Its clients share the sessions that it caches.
pub trait SecurityPackage {
    /// The client's side of a new connection.
    ///
    /// # Errors
    ///
    /// The package's status.
    fn client(&self) -> Result<Box<dyn Client + '_>, Status>;
}

/// The client's side of one connection. It takes received bytes and returns bytes to send.
pub trait Client {
    /// Continues the handshake, or takes a later handshake message. Without input, begins the
    /// handshake.
    ///
    /// # Errors
    ///
    /// The package's status; the connection is unusable afterwards.
    fn step(&mut self, input: &[u8]) -> Result<Step, Status>;

    /// Decrypts received bytes in place.
    ///
    /// # Errors
    ///
    /// The package's status; the connection is unusable afterwards.
    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status>;

    /// Returns the bytes that tell the server that no more follow.
    ///
    /// # Errors
    ///
    /// The package's status.
    fn close(&mut self) -> Result<Vec<u8>, Status>;

    /// The outcome of the handshake, once it is complete.
    ///
    /// # Errors
    ///
    /// If the package's description of the session is not usable.
    fn facts(&self) -> Result<Facts, SessionIdTooLong>;
}

/// The result of [`Client::step`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The progress of the handshake.
    pub progress: Progress,
    /// Bytes to send; may be empty.
    pub output: Vec<u8>,
    /// The number of unused bytes at the end of the input.
    pub unused: usize,
}

/// The progress of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The handshake continues with the next message.
    Continues,
    /// The input ends within a message; none of it was used.
    Incomplete,
    /// The server asks for a certificate. To continue without one, repeat the step with
    /// the same input.
    CertificateWanted,
    /// The handshake is complete.
    Done,
}

/// The result of [`Client::unprotect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// The content of the first message.
    pub content: Decrypted,
    /// The number of unused bytes at the end. A handshake message counts as unused.
    pub unused: usize,
}

/// The content of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decrypted {
    /// Application data.
    Data,
    /// The input ends within a message; none of it was used.
    Incomplete,
    /// A handshake message, such as a ticket, to hand to [`Client::step`].
    Handshake,
    /// The server sends no more.
    Closed,
}
