//! Drives a handshake: carries bytes between the wire and the security package, however the
//! peer cuts them, until the handshake is complete or fails.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crate::error::{Stage, TlsError};
use crate::network::Wire;
use crate::package::{Client, Decrypted, Progress, Step};
use crate::record::{Opening, opening};

/// The limit on bytes read from a connection. A handshake has a few kilobytes; with the largest
/// certificates, a few dozen.
const MOST_BYTES: usize = 1 << 20;
/// The limit on bytes per read: one record.
const CHUNK: usize = 1 << 14;
/// The time to wait for one more ticket. Servers send their tickets back to back.
const QUIET: Duration = Duration::from_millis(100);
/// The limit on bytes quoted from a server that does not speak TLS.
const MOST_SHOWN: usize = 40;

/// A connection, and the client's side of its handshake.
pub(super) struct Conversation<'a> {
    client: &'a mut dyn Client,
    wire: &'a mut dyn Wire,
    /// Received bytes that the package has not used yet.
    inbox: Vec<u8>,
    /// Bytes received in total.
    received: usize,
    /// Bytes used in total.
    used: usize,
    /// The deadline.
    until: Instant,
    /// The time limit that set the deadline, in seconds.
    seconds: u64,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(
        client: &'a mut dyn Client,
        wire: &'a mut dyn Wire,
        until: Instant,
        seconds: u64,
    ) -> Self {
        Self { client, wire, inbox: Vec::new(), received: 0, used: 0, until, seconds }
    }

    pub(super) fn client(&self) -> &dyn Client {
        self.client
    }

    /// Completes the handshake.
    pub(super) fn establish(&mut self) -> Result<(), TlsError> {
        let hello = self.client.step(&[]).map_err(TlsError::Package)?;
        self.send(&hello.output)?;
        while !self.is_tls()? {
            self.receive()?;
        }
        let step = self.step()?;
        self.go_on(step)
    }

    /// Reads until the server has sent handshake messages and then falls silent, or until the
    /// deadline `until`. Returns the number of messages. After a TLS 1.3 handshake, these messages
    /// are tickets.
    ///
    /// An error ends the reading and is not returned, because the handshake is complete.
    pub(super) fn take_tickets(&mut self, until: Instant) -> u32 {
        let whole = std::mem::replace(&mut self.until, until);
        let mut messages = 0;
        while let Ok(true) = self.take_message(&mut messages) {
            if messages != 0 && self.inbox.is_empty() {
                self.until = until.min(Instant::now() + QUIET);
            }
        }
        self.until = whole;
        messages
    }

    /// Closes the connection cleanly, as far as package and peer allow.
    pub(super) fn close(self) {
        if let Ok(farewell) = self.client.close() {
            // The peer may have closed the connection already.
            let _ = self.wire.send(&farewell, self.until);
        }
        self.wire.finish();
    }

    /// Takes the next message. Returns true if more may follow.
    fn take_message(&mut self, messages: &mut u32) -> Result<bool, TlsError> {
        if self.inbox.is_empty() {
            self.receive()?;
        }
        let used = self.used;
        let taken = self.client.unprotect(&mut self.inbox).map_err(TlsError::Handshake)?;
        match taken.content {
            Decrypted::Closed => return Ok(false),
            Decrypted::Incomplete => {}
            Decrypted::Data => {
                self.keep_last(taken.unused);
            }
            Decrypted::Handshake => {
                self.keep_last(taken.unused);
                let step = self.step()?;
                self.go_on(step)?;
                *messages += 1;
            }
        }
        if self.used == used {
            self.receive()?;
        }
        Ok(true)
    }

    /// Continues from `step` until the handshake is complete. Every iteration uses received bytes
    /// or reads more, and [`MOST_BYTES`] bounds the reading.
    fn go_on(&mut self, mut step: Step) -> Result<(), TlsError> {
        let mut has_said_no_certificate = false;
        loop {
            self.send(&step.output)?;
            let is_used = self.keep_last(step.unused);
            match step.progress {
                Progress::Done => return Ok(()),
                Progress::CertificateWanted if !has_said_no_certificate => {
                    has_said_no_certificate = true;
                }
                Progress::Continues if is_used && !self.inbox.is_empty() => {}
                Progress::Continues | Progress::Incomplete | Progress::CertificateWanted => {
                    self.receive()?;
                }
            }
            step = self.step()?;
        }
    }

    /// Hands the received bytes to the package. If it fails, an alert may hold the reason.
    fn step(&mut self) -> Result<Step, TlsError> {
        self.client.step(&self.inbox).map_err(|status| match opening(&self.inbox) {
            Opening::Alert(alert) => TlsError::Alert(alert),
            _ => TlsError::Handshake(status),
        })
    }

    /// True once the server is known to speak TLS; false while there are too few bytes to tell.
    /// It is an error if the server speaks something else.
    fn is_tls(&self) -> Result<bool, TlsError> {
        match opening(&self.inbox) {
            Opening::Unknown => Ok(false),
            Opening::Handshake | Opening::Alert(_) => Ok(true),
            Opening::Foreign => {
                let line = self.inbox.split(|byte| matches!(byte, b'\r' | b'\n')).next();
                let line = line.unwrap_or_default();
                let shown = line.get(..MOST_SHOWN).unwrap_or(line);
                Err(TlsError::NotTls(shown.escape_ascii().to_string()))
            }
        }
    }

    /// Keeps the last `unused` bytes of the inbox. Returns true if that removed any.
    fn keep_last(&mut self, unused: usize) -> bool {
        let used = self.inbox.len().saturating_sub(unused);
        self.inbox.drain(..used);
        self.used += used;
        used != 0
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), TlsError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.wire.send(bytes, self.until).map_err(|error| self.failure(error))
    }

    /// Waits for more bytes. It is an error if none come.
    fn receive(&mut self) -> Result<(), TlsError> {
        if self.received >= MOST_BYTES {
            return Err(TlsError::TooMuch(self.received));
        }
        let mut chunk = [0; CHUNK];
        match self.wire.receive(&mut chunk, self.until) {
            Ok(0) => Err(TlsError::Closed),
            Ok(length) => {
                let bytes = chunk.get(..length).unwrap_or(&chunk);
                self.inbox.extend_from_slice(bytes);
                self.received += bytes.len();
                Ok(())
            }
            Err(error) => Err(self.failure(error)),
        }
    }

    fn failure(&self, error: io::Error) -> TlsError {
        match error.kind() {
            ErrorKind::TimedOut => {
                TlsError::TimedOut { seconds: self.seconds, stage: Stage::Handshake }
            }
            _ => TlsError::Broken(error),
        }
    }
}
