//! What a probe needs of the system's security package, as plain data.

use crate::facts::Facts;
use crate::session::TooLong;
use crate::status::Status;

/// The security package: it makes the client's side of connections with one
/// server. All of them share what it keeps of sessions.
pub trait SecurityPackage {
    /// The client's side of a new connection.
    ///
    /// # Errors
    ///
    /// What the package says.
    fn client(&self) -> Result<Box<dyn Client + '_>, Status>;
}

/// The client's side of one connection: it says what to send, and is given what
/// has come.
pub trait Client {
    /// Goes on with the handshake, or, once that is done, with a message that
    /// belongs to one. Without input it begins.
    ///
    /// # Errors
    ///
    /// What the package says; the connection is no good from then on.
    fn step(&mut self, input: &[u8]) -> Result<Step, Status>;

    /// Takes the protection off what has come, in place.
    ///
    /// # Errors
    ///
    /// What the package says; the connection is no good from then on.
    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status>;

    /// What to send to say that nothing more comes.
    ///
    /// # Errors
    ///
    /// What the package says.
    fn close(&mut self) -> Result<Vec<u8>, Status>;

    /// What the handshake has agreed on, once it is done.
    ///
    /// # Errors
    ///
    /// If the package's answer cannot be used.
    fn facts(&self) -> Result<Facts, TooLong>;
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How far the handshake is.
    pub progress: Progress,
    /// What to send.
    pub output: Vec<u8>,
    /// How many bytes at the end of the input were not used.
    pub unused: usize,
}

/// How far a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on.
    Continues,
    /// The input is not whole; none of it was used.
    Incomplete,
    /// The server asks for a certificate. The same input once more says that there
    /// is none.
    CertificateWanted,
    /// It is done.
    Done,
}

/// What came of [`Client::unprotect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// What it is.
    pub content: Decrypted,
    /// How many bytes at the end were not used; of a message of the handshake, the
    /// message is among them.
    pub unused: usize,
}

/// What had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decrypted {
    /// Data of the application.
    Data,
    /// The input is not whole; none of it was used.
    Incomplete,
    /// A message of the handshake, such as a ticket: for [`Client::step`].
    Handshake,
    /// The server says that nothing more comes.
    Closed,
}
