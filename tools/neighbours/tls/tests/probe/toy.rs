//! A security package with a language of its own, in records like those of TLS, and a network
//! that sends given bytes.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use proptest::prelude::*;
use sessionwatch_tls::{
    Certificate, Client, Decrypted, Facts, Network, Progress, Protocol, SecurityPackage, Server,
    SessionIdTooLong, SessionInfo, Status, Step, Unprotected, Wire,
};

/// `SEC_E_INTERNAL_ERROR`.
const INTERNAL: Status = Status(0x8009_0304);
const HEADER: usize = 5;

/// A record of type `kind`. The first byte of its body tells the package its meaning:
///
/// - during the handshake: `c` continue, `d` done, `q` request a certificate, `f` fail;
/// - afterwards: `a` data, `t` a ticket, `z` the end.
pub(crate) fn record(kind: u8, body: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3, high, low], body].concat()
}

pub(crate) fn certificate(trust: Result<(), Status>) -> Certificate {
    Certificate::new("CN=localhost", trust)
}

/// An answer that ignores the question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whim {
    progress: Option<Progress>,
    content: Option<Decrypted>,
    unused: usize,
}

pub(crate) fn whim() -> impl Strategy<Value = Whim> {
    let progress = vec![
        Some(Progress::Continues),
        Some(Progress::Incomplete),
        Some(Progress::CertificateWanted),
        Some(Progress::Done),
        None,
    ];
    let content = vec![
        Some(Decrypted::Data),
        Some(Decrypted::Incomplete),
        Some(Decrypted::Handshake),
        Some(Decrypted::Closed),
        None,
    ];
    let unused = prop_oneof![0_usize..20, 0..300_usize, Just(usize::MAX)];
    (prop::sample::select(progress), prop::sample::select(content), unused)
        .prop_map(|(progress, content, unused)| Whim { progress, content, unused })
}

pub(crate) struct Package {
    pub(crate) certificate: Option<Certificate>,
    /// Answers to give in turn, without reading the input.
    pub(crate) whims: Vec<Whim>,
    /// The number of steps so far.
    pub(crate) steps: Cell<usize>,
    pub(crate) clients: Cell<u32>,
}

impl Package {
    pub(crate) fn new() -> Self {
        Self {
            certificate: Some(certificate(Ok(()))),
            whims: Vec::new(),
            steps: Cell::new(0),
            clients: Cell::new(0),
        }
    }
}

impl SecurityPackage for Package {
    fn client(&self) -> Result<Box<dyn Client + '_>, Status> {
        let number = self.clients.get();
        self.clients.set(number + 1);
        Ok(Box::new(ToyClient { package: self, number, is_asked: false, is_done: false, calls: 0 }))
    }
}

struct ToyClient<'a> {
    package: &'a Package,
    number: u32,
    is_asked: bool,
    is_done: bool,
    calls: usize,
}

impl ToyClient<'_> {
    fn whim(&mut self) -> Option<Whim> {
        self.calls += 1;
        self.package.whims.iter().cycle().nth(self.calls).copied()
    }
}

/// The length of the first record and the first byte of its body, if the record is complete.
fn first(input: &[u8]) -> Option<(usize, u8)> {
    let [_, _, _, high, low, mark, ..] = *input else { return None };
    let length = HEADER + usize::from(u16::from_be_bytes([high, low]));
    (input.len() >= length).then_some((length, mark))
}

impl Client for ToyClient<'_> {
    fn step(&mut self, input: &[u8]) -> Result<Step, Status> {
        let step = |progress, output: &str, unused| {
            Ok(Step { progress, output: output.as_bytes().to_vec(), unused })
        };
        self.package.steps.set(self.package.steps.get() + 1);
        if input.is_empty() && !self.is_asked {
            return step(Progress::Continues, "hello;", 0);
        }
        if let Some(whim) = self.whim() {
            return step(whim.progress.ok_or(INTERNAL)?, "whim;", whim.unused);
        }
        let Some((length, mark)) = first(input) else {
            return step(Progress::Incomplete, "", input.len());
        };
        let rest = input.len() - length;
        match (input[0], mark) {
            (0x16, b'c') => step(Progress::Continues, "ack;", rest),
            (0x16, b'd') => {
                self.is_done = true;
                step(Progress::Done, "done;", rest)
            }
            (0x16, b'q') if self.is_asked => step(Progress::Continues, "none;", rest),
            (0x16, b'q') => {
                self.is_asked = true;
                step(Progress::CertificateWanted, "", input.len())
            }
            (0x17, b't') if self.is_done => step(Progress::Done, "taken;", rest),
            _ => Err(INTERNAL),
        }
    }

    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status> {
        if let Some(whim) = self.whim() {
            return Ok(Unprotected { content: whim.content.ok_or(INTERNAL)?, unused: whim.unused });
        }
        assert!(self.is_done);
        let Some((length, mark)) = first(data) else {
            return Ok(Unprotected { content: Decrypted::Incomplete, unused: data.len() });
        };
        let rest = data.len() - length;
        match (data[0], mark) {
            (0x17, b'a') => Ok(Unprotected { content: Decrypted::Data, unused: rest }),
            (0x17, b't') => Ok(Unprotected { content: Decrypted::Handshake, unused: data.len() }),
            (0x17, b'z') => Ok(Unprotected { content: Decrypted::Closed, unused: rest }),
            _ => Err(INTERNAL),
        }
    }

    fn close(&mut self) -> Result<Vec<u8>, Status> {
        Ok(b"farewell;".to_vec())
    }

    fn facts(&self) -> Result<Facts, SessionIdTooLong> {
        Ok(Facts {
            protocol: Some(Protocol::TLS_1_3),
            cipher_suite: Some("TLS_TOY".to_owned()),
            alpn: None,
            certificate: self.package.certificate.clone(),
            session: Ok(SessionInfo::new(self.number, 32, [7; 32])?),
        })
    }
}

/// The end of a connection, after all bytes were sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Closed,
    Late,
    Reset,
}

/// A network whose servers all send the same bytes.
pub(crate) struct Script {
    pub(crate) addresses: Vec<SocketAddr>,
    /// Addresses that reject the first connection, and the error.
    pub(crate) rejections: Vec<(SocketAddr, ErrorKind)>,
    pub(crate) connected: Vec<SocketAddr>,
    bytes: Vec<u8>,
    sizes: Vec<usize>,
    end: End,
    sent: Vec<Rc<RefCell<Vec<u8>>>>,
}

impl Script {
    /// A network that sends `bytes` in pieces of `sizes`, then the rest in one.
    pub(crate) fn new(bytes: &[u8], sizes: &[usize], end: End) -> Self {
        Self {
            addresses: vec!["127.0.0.1:443".parse().unwrap()],
            rejections: Vec::new(),
            connected: Vec::new(),
            bytes: bytes.to_owned(),
            sizes: sizes.to_owned(),
            end,
            sent: Vec::new(),
        }
    }

    /// The bytes sent over each connection; `|` marks its end.
    pub(crate) fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.iter().map(|sent| sent.borrow().clone()).collect()
    }
}

impl Network for Script {
    fn addresses(&mut self, _: &Server) -> io::Result<Vec<SocketAddr>> {
        Ok(self.addresses.clone())
    }

    fn connect(&mut self, address: SocketAddr, _: Instant) -> io::Result<Box<dyn Wire>> {
        if let Some(index) = self.rejections.iter().position(|(rejected, _)| *rejected == address) {
            return Err(self.rejections.remove(index).1.into());
        }
        self.connected.push(address);
        let sent = Rc::new(RefCell::new(Vec::new()));
        self.sent.push(Rc::clone(&sent));
        let sizes = self.sizes.clone().into_iter();
        Ok(Box::new(ToyWire { bytes: self.bytes.clone(), sizes, end: self.end, sent }))
    }
}

struct ToyWire {
    bytes: Vec<u8>,
    sizes: std::vec::IntoIter<usize>,
    end: End,
    sent: Rc<RefCell<Vec<u8>>>,
}

impl Wire for ToyWire {
    fn send(&mut self, bytes: &[u8], _: Instant) -> io::Result<()> {
        self.sent.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
        if self.bytes.is_empty() {
            return match self.end {
                End::Closed => Ok(0),
                End::Late => Err(ErrorKind::TimedOut.into()),
                End::Reset => Err(ErrorKind::ConnectionReset.into()),
            };
        }
        let size = self.sizes.next().unwrap_or(usize::MAX).min(self.bytes.len()).min(buffer.len());
        buffer[..size].copy_from_slice(&self.bytes[..size]);
        self.bytes.drain(..size);
        Ok(size)
    }

    fn finish(&mut self) {
        self.sent.borrow_mut().push(b'|');
    }
}
