//! Runs the command `tls` over a security package and a network that are plain data.

mod renderings;

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use sessionwatch::args::TlsArguments;
use sessionwatch::command::tls;
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Printer};
use sessionwatch_failure::{Exit, Failure};
use sessionwatch_tls::{
    Client, Decrypted, Facts, Network, Progress, Protocol, SecurityPackage, Server,
    SessionIdTooLong, SessionInfo, Status, Step, Unprotected, Wire,
};

/// A package whose handshakes need one message. Each handshake but the first resumes a session.
struct Package(Cell<u32>);

struct Handshake(u32);

impl SecurityPackage for Package {
    fn client(&self) -> Result<Box<dyn Client + '_>, Status> {
        Ok(Box::new(Handshake(self.0.replace(1))))
    }
}

impl Client for Handshake {
    fn step(&mut self, input: &[u8]) -> Result<Step, Status> {
        let progress = if input.is_empty() { Progress::Continues } else { Progress::Done };
        Ok(Step { progress, output: b"hello".to_vec(), unused: 0 })
    }

    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status> {
        Ok(Unprotected { content: Decrypted::Closed, unused: data.len() })
    }

    fn close(&mut self) -> Result<Vec<u8>, Status> {
        Ok(Vec::new())
    }

    fn facts(&self) -> Result<Facts, SessionIdTooLong> {
        Ok(Facts {
            protocol: Some(Protocol::TLS_1_2),
            cipher_suite: None,
            alpn: None,
            certificate: None,
            session: Ok(SessionInfo::new(self.0, 1, [7; 32])?),
        })
    }
}

/// A network whose servers all send these bytes.
struct Sender(&'static [u8]);

impl Network for Sender {
    fn addresses(&mut self, server: &Server) -> io::Result<Vec<SocketAddr>> {
        Ok(vec![SocketAddr::from(([127, 0, 0, 1], server.port))])
    }

    fn connect(&mut self, _: SocketAddr, _: Instant) -> io::Result<Box<dyn Wire>> {
        Ok(Box::new(Self(self.0)))
    }
}

impl Wire for Sender {
    fn send(&mut self, _: &[u8], _: Instant) -> io::Result<()> {
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: Instant) -> io::Result<usize> {
        let (now, later) = self.0.split_at(self.0.len().min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.0 = later;
        Ok(now.len())
    }

    fn finish(&mut self) {}
}

fn run(bytes: &'static [u8]) -> (Result<(), Error>, String) {
    let options = TlsArguments {
        server: "localhost".parse().unwrap(),
        alpn: Vec::new(),
        insecure: true,
        timeout: 10,
    };
    let mut out = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut out);
    let outcome = tls::run(&Package(Cell::default()), &mut Sender(bytes), &options, &mut printer);
    printer.end().unwrap();
    (outcome, String::from_utf8(out).unwrap())
}

#[test]
fn two_handshakes_are_one_object() {
    let (outcome, shown) = run(b"\x16\x03\x03\x00\x01s");
    assert!(outcome.is_ok());
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((&shown["verdict"], &shown["port"]), (&"resumed".into(), &443.into()));
}

#[test]
fn an_error_is_one_sentence_and_no_object() {
    let (outcome, shown) = run(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(shown, "");
    let error = outcome.unwrap_err();
    assert_eq!(error.exit(), Exit::Handshake);
    assert_eq!(
        error.to_string(),
        "cannot probe localhost:443: the server does not speak TLS: it sent `HTTP/1.1 400 Bad \
         Request`"
    );
}
