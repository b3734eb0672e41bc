//! Servers on this machine: OpenSSL's, and some that are none of TLS.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// `openssl s_server`, which ends with its test.
pub(crate) struct OpenSsl {
    process: Child,
    lines: Receiver<String>,
    port: u16,
    /// The server ends when its input does.
    _input: ChildStdin,
}

impl OpenSsl {
    /// On a free port of 127.0.0.1.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", arguments)
    }

    pub(crate) fn start_at(address: &str, arguments: &[&str]) -> Self {
        let (key, certificate) = certificate();
        let mut process = Command::new("openssl")
            .args(["s_server", "-accept", address, "-naccept", "20", "-key"])
            .arg(key)
            .arg("-cert")
            .arg(certificate)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("`cargo make setup` installs openssl");
        let (sender, lines) = mpsc::channel();
        let outputs: [Box<dyn io::Read + Send>; 2] =
            [Box::new(process.stdout.take().unwrap()), Box::new(process.stderr.take().unwrap())];
        for output in outputs {
            let sender = sender.clone();
            thread::spawn(move || {
                let lines = BufReader::new(output).split(b'\n').map_while(Result::ok);
                lines
                    .map(|line| sender.send(String::from_utf8_lossy(&line).into_owned()))
                    .take_while(Result::is_ok)
                    .for_each(drop);
            });
        }
        let port = loop {
            let line = lines.recv_timeout(PATIENCE).expect("the server starts");
            if let Some(address) = line.strip_prefix("ACCEPT ") {
                break address.rsplit(':').next().unwrap().trim().parse().unwrap();
            }
        };
        let input = process.stdin.take().unwrap();
        Self { process, lines, port, _input: input }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn name(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Ends it and says what it has written.
    pub(crate) fn stop(mut self) -> String {
        // What it writes comes with some delay.
        thread::sleep(Duration::from_millis(300));
        self.process.kill().unwrap();
        self.lines.iter().fold(String::new(), |said, line| said + &line + "\n")
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A key and a certificate for `localhost` that nobody trusts, made once.
pub(crate) fn certificate() -> (PathBuf, PathBuf) {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("openssl")
            .current_dir(folder.path())
            .args(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                    .split(' '),
            )
            .args(["-subj", "/CN=localhost/O=Probe"])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .output()
            .expect("`cargo make setup` installs openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        folder
    });
    (folder.path().join("key.pem"), folder.path().join("certificate.pem"))
}

/// A server that does the same to everybody.
pub(crate) struct Scripted {
    port: u16,
}

impl Scripted {
    /// Takes connections until the tests end.
    pub(crate) fn start(script: fn(TcpStream) -> io::Result<()>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for peer in listener.incoming().map_while(Result::ok) {
                // The peer may go at any time.
                let _ = script(peer);
            }
        });
        Self { port }
    }

    pub(crate) fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// Listens until the peer is gone.
pub(crate) fn until_closed(mut peer: TcpStream) -> io::Result<()> {
    peer.set_read_timeout(Some(PATIENCE))?;
    io::copy(&mut peer.by_ref(), &mut io::sink()).map(drop)
}
