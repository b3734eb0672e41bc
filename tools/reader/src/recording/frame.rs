//! The file's header, and the frame of a reply.

use std::io::{self, Read, Write};

use sessionwatch_protocol::ControlCode;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first bytes of every recording.
pub const MAGIC: [u8; 8] = *b"SWRECORD";

/// The version of the format.
const VERSION: u32 = 1;

/// The limit on a reply in a recording, in bytes. The replies that the tool requests are much
/// shorter.
const LONGEST: u32 = 16 << 20;

/// The header of a file: the magic, the version (little-endian), zero.
pub const HEADER: [u8; 16] = {
    let mut header = [0; 16];
    let (magic, rest) = header.split_at_mut(MAGIC.len());
    magic.copy_from_slice(&MAGIC);
    let (version, _) = rest.split_at_mut(4);
    version.copy_from_slice(&VERSION.to_le_bytes());
    header
};

/// The header of a frame.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct FrameHeader {
    /// The control code of the request.
    code: U32,
    /// The size of the reply, in bytes.
    length: U32,
    /// CRC-32 (IEEE 802.3) of the two fields above and of the reply.
    checksum: U32,
    /// Zero.
    reserved: U32,
}

impl FrameHeader {
    fn new(code: ControlCode, length: u32, reply: &[u8]) -> Self {
        let mut header = Self {
            code: code.0.into(),
            length: length.into(),
            checksum: 0.into(),
            reserved: 0.into(),
        };
        header.checksum = header.checksum_over(reply).into();
        header
    }

    fn checksum_over(&self, reply: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(self.code.as_bytes());
        hasher.update(self.length.as_bytes());
        hasher.update(reply);
        hasher.finalize()
    }
}

/// The error of reading a frame.
#[derive(Debug)]
pub enum FrameError {
    /// The file ends in the middle of a frame.
    Cut,
    /// The bytes differ from those that were written.
    Damaged,
    /// The file cannot be read.
    Io(io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Io(error),
        }
    }
}

/// The size of a reply's frame, in bytes.
pub(super) const fn size(reply: usize) -> usize {
    size_of::<FrameHeader>() + reply
}

/// Writes the frame of a reply to a request with this code.
///
/// # Errors
///
/// If the frame cannot be written, or the reply exceeds the limit.
pub fn write(out: &mut impl Write, code: ControlCode, reply: &[u8]) -> io::Result<()> {
    let length = u32::try_from(reply.len()).ok().filter(|length| *length <= LONGEST);
    let length = length.ok_or(io::ErrorKind::FileTooLarge)?;
    out.write_all(FrameHeader::new(code, length, reply).as_bytes())?;
    out.write_all(reply)
}

/// Reads a frame's reply into `reply`; `None` at the end of the file.
///
/// # Errors
///
/// If the frame is cut or damaged. The content of `reply` is then undefined.
pub(super) fn read(
    file: &mut impl Read,
    reply: &mut Vec<u8>,
) -> Result<Option<ControlCode>, FrameError> {
    let mut header = FrameHeader::new_zeroed();
    let (first, rest) = header.as_mut_bytes().split_at_mut(1);
    match file.read(first)? {
        0 => return Ok(None),
        _ => file.read_exact(rest)?,
    }
    let length = header.length.get();
    if length > LONGEST {
        return Err(FrameError::Damaged);
    }
    reply.clear();
    let actual = file.take(length.into()).read_to_end(reply)?;
    if actual as u64 != u64::from(length) {
        return Err(FrameError::Cut);
    }
    if header.checksum.get() != header.checksum_over(reply) || header.reserved.get() != 0 {
        return Err(FrameError::Damaged);
    }
    Ok(Some(ControlCode(header.code.get())))
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::READ;

    use super::*;

    #[test]
    fn a_frame_reads_back() {
        let mut file = Vec::new();
        write(&mut file, READ, b"one").unwrap();
        write(&mut file, ControlCode(7), b"").unwrap();
        assert_eq!(file.len(), size(3) + size(0));
        let (mut rest, mut reply) = (&*file, Vec::new());
        assert_eq!(read(&mut rest, &mut reply).unwrap(), Some(READ));
        assert_eq!(reply, b"one");
        assert_eq!(read(&mut rest, &mut reply).unwrap(), Some(ControlCode(7)));
        assert_eq!(read(&mut rest, &mut reply).unwrap(), None);
    }

    #[test]
    fn a_frame_may_be_cut_at_any_byte() {
        let mut file = Vec::new();
        write(&mut file, READ, b"reply").unwrap();
        for length in 1..file.len() {
            let outcome = read(&mut &file[..length], &mut Vec::new());
            assert!(matches!(outcome, Err(FrameError::Cut)), "{length}: {outcome:?}");
        }
    }

    #[test]
    fn a_frame_with_any_wrong_bit_is_an_error() {
        let mut file = Vec::new();
        write(&mut file, READ, b"reply").unwrap();
        for bit in 0..file.len() * 8 {
            let mut wrong = file.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(read(&mut &*wrong, &mut Vec::new()).is_err(), "{bit}");
        }
    }
}
