//! The network: one connection at a time, and every wait has a deadline.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use crate::server::{Host, Server};

/// The time that a peer has to close its side after we closed ours.
const FAREWELL: Duration = Duration::from_millis(500);

/// Makes connections.
pub trait Network {
    /// The addresses of a server.
    ///
    /// # Errors
    ///
    /// The system's error if it finds none.
    fn addresses(&mut self, server: &Server) -> io::Result<Vec<SocketAddr>>;

    /// Connects before the deadline `until`.
    ///
    /// # Errors
    ///
    /// The system's error; [`ErrorKind::TimedOut`] after the deadline.
    fn connect(&mut self, address: SocketAddr, until: Instant) -> io::Result<Box<dyn Wire>>;
}

/// A connection: bytes out, bytes in.
pub trait Wire {
    /// Sends all bytes before the deadline `until`.
    ///
    /// # Errors
    ///
    /// The system's error; [`ErrorKind::TimedOut`] after the deadline.
    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<()>;

    /// Waits for bytes until the deadline `until`. Returns their number; 0 if the peer sends no
    /// more.
    ///
    /// # Errors
    ///
    /// The system's error; [`ErrorKind::TimedOut`] after the deadline.
    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize>;

    /// Closes the connection cleanly, as far as the peer allows.
    fn finish(&mut self);
}

/// TCP of this system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tcp;

impl Network for Tcp {
    /// Only the system limits the time that it takes to resolve a name.
    fn addresses(&mut self, server: &Server) -> io::Result<Vec<SocketAddr>> {
        match &server.host {
            Host::Address(address) => Ok(vec![SocketAddr::new(*address, server.port)]),
            Host::Name(name) => {
                let found = (name.as_str(), server.port).to_socket_addrs();
                Ok(found?.collect())
            }
        }
    }

    fn connect(&mut self, address: SocketAddr, until: Instant) -> io::Result<Box<dyn Wire>> {
        let stream = TcpStream::connect_timeout(&address, left(until)?)?;
        stream.set_nodelay(true)?;
        Ok(Box::new(stream))
    }
}

impl Wire for TcpStream {
    fn send(&mut self, bytes: &[u8], until: Instant) -> io::Result<()> {
        self.set_write_timeout(Some(left(until)?))?;
        self.write_all(bytes).map_err(late)
    }

    fn receive(&mut self, buffer: &mut [u8], until: Instant) -> io::Result<usize> {
        loop {
            self.set_read_timeout(Some(left(until)?))?;
            match self.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result.map_err(late),
            }
        }
    }

    /// Reads until the peer closes: closing with unread bytes would reset the connection, and
    /// the peer could lose our last bytes.
    fn finish(&mut self) {
        let until = Instant::now() + FAREWELL;
        let mut rest = [0; 4096];
        if self.shutdown(Shutdown::Write).is_ok() {
            while matches!(self.receive(&mut rest, until), Ok(1..)) {}
        }
    }
}

/// The time left until the deadline; an error after it. The system rejects a timeout of 0.
fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        // Windows rounds anything less to 0.
        left => Ok(left.max(Duration::from_millis(1))),
    }
}

/// Unix reports a read that timed out as one that would block.
fn late(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::WouldBlock { ErrorKind::TimedOut.into() } else { error }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_millis(100);
    const PATIENCE: Duration = Duration::from_secs(10);

    fn pair() -> (Box<dyn Wire>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wire = Tcp.connect(address, Instant::now() + PATIENCE).unwrap();
        (wire, listener.accept().unwrap().0)
    }

    #[test]
    fn a_silent_peer_is_not_waited_for_beyond_the_deadline() {
        let (mut wire, _peer) = pair();
        let begin = Instant::now();
        let error = wire.receive(&mut [0; 8], begin + SOON).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!((SOON..PATIENCE).contains(&begin.elapsed()));
        // After the deadline, `send` fails at once.
        assert_eq!(wire.send(b"x", begin).unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_peer_that_takes_no_bytes_times_out() {
        let (mut wire, _peer) = pair();
        let error = wire.send(&vec![0; 64 << 20], Instant::now() + SOON).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }

    #[test]
    fn a_connection_ends_when_both_sides_have_closed() {
        let (mut wire, mut peer) = pair();
        let answer = thread::spawn(move || {
            let mut heard = Vec::new();
            peer.read_to_end(&mut heard).unwrap();
            peer.write_all(b"more than was read").unwrap();
            heard
        });
        wire.send(b"farewell", Instant::now() + PATIENCE).unwrap();
        let begin = Instant::now();
        wire.finish();
        assert_eq!(answer.join().unwrap(), b"farewell");
        assert!(begin.elapsed() < PATIENCE);
        assert!(matches!(wire.receive(&mut [0; 8], Instant::now() + SOON), Ok(0)));
    }

    #[test]
    fn an_address_needs_no_name_server() {
        let server: Server = "[::1]:8443".parse().unwrap();
        assert_eq!(Tcp.addresses(&server).unwrap(), ["[::1]:8443".parse().unwrap()]);
    }
}
