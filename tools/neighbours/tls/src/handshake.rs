//! What drives a handshake: bytes from the wire to the security package and back,
//! however the peer cuts them, until it is done or has no more chance.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use crate::error::{Stage, TlsError};
use crate::network::Wire;
use crate::package::{Client, Decrypted, Progress, Step};
use crate::record::{Opening, opening};

/// The most that is read of a connection. Handshakes have a few kilobytes, those
/// with the largest certificates some dozen.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// The most that is read at a time: a record.
const CHUNK: usize = 1 << 14;
/// How long after one ticket another may come: servers send theirs one behind the other.
const QUIET: Duration = Duration::from_millis(100);
/// The most that is shown of what is no TLS.
const MOST_SHOWN: usize = 40;

/// A connection on which hands are shaken.
pub(super) struct Conversation<'a> {
    client: &'a mut dyn Client,
    wire: &'a mut dyn Wire,
    /// What has come and was not used yet.
    inbox: Vec<u8>,
    received: usize,
    used: usize,
    /// When it has to be over.
    until: Instant,
    /// How long that was when it began, in seconds.
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

    /// Makes the handshake.
    pub(super) fn establish(&mut self) -> Result<(), TlsError> {
        let hello = self.client.step(&[]).map_err(TlsError::Package)?;
        self.send(&hello.output)?;
        while self.recognise()?.is_none() {
            self.receive()?;
        }
        let step = self.step()?;
        self.go_on(step)
    }

    /// Reads on until the server has sent messages of the handshake and is quiet, or
    /// it is late; says how many there were. Those that come after a handshake of
    /// TLS 1.3 are tickets.
    ///
    /// What goes wrong here ends it and is no error: the handshake was made.
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

    /// Says farewell, if the package and the peer let us.
    pub(super) fn close(self) {
        if let Ok(farewell) = self.client.close() {
            // The peer may have gone by now.
            let _ = self.wire.send(&farewell, self.until);
        }
        self.wire.finish();
    }

    /// Takes what is next; says whether more may come.
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

    /// Goes on from this step until the handshake is done. Every turn uses some of
    /// what has come or reads more, of which there is an end.
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

    /// Gives the package what has come. Where it fails, an alert may say why.
    fn step(&mut self) -> Result<Step, TlsError> {
        self.client.step(&self.inbox).map_err(|status| match opening(&self.inbox) {
            Opening::Alert(alert) => TlsError::Alert(alert),
            _ => TlsError::Handshake(status),
        })
    }

    /// Whether the server speaks TLS; `None` as long as it cannot be told.
    fn recognise(&self) -> Result<Option<()>, TlsError> {
        match opening(&self.inbox) {
            Opening::Unknown => Ok(None),
            Opening::Handshake | Opening::Alert(_) => Ok(Some(())),
            Opening::Foreign => {
                let line = self.inbox.split(|byte| matches!(byte, b'\r' | b'\n')).next();
                let line = line.unwrap_or_default();
                let shown = line.get(..MOST_SHOWN).unwrap_or(line);
                Err(TlsError::NotTls(shown.escape_ascii().to_string()))
            }
        }
    }

    /// Keeps so many bytes at the end; says whether there were others.
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

    /// Waits for more; an error if none comes.
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
