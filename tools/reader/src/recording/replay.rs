//! Answers requests from a recording.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use sessionwatch_failure::{Exit, Failure};
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DecodeError, DescribeReply, READ, ReadFlags, ReadReply, ReadRequest,
    Record, Rejection, SESSIONS, SessionsReply, VERSION, decode_describe, decode_read,
    decode_sessions,
};
use thiserror::Error;
use zerocopy::{FromBytes, FromZeros, IntoBytes};

use super::frame::{self, FrameError, HEADER, MAGIC};
use crate::device::{Device, DeviceError};
use crate::session_table::SessionTable;

/// A source of a recording's bytes.
trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// A recording, as a device.
///
/// The journal begins and ends with the recording. A read that would stay pending fails with
/// [`DeviceError::Ended`].
pub struct Recording {
    describe: DescribeReply,
    snapshot: Option<(SessionsReply, Vec<Record>)>,
    batches: Vec<Batch>,
    end: End,
    file: RefCell<Loaded>,
}

/// The end of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// After its last reply.
    Whole,
    /// In the middle of the reply that begins at this byte.
    Cut(u64),
    /// Before a damaged frame: its first byte, and the reason. That frame and the later ones are
    /// not used.
    Damaged(u64, String),
}

/// The error of opening a recording.
#[derive(Debug, Error)]
#[cfg_attr(
    test,
    derive(strum::EnumDiscriminants),
    strum_discriminants(derive(strum::VariantArray))
)]
pub enum OpenError {
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file does not begin with the header of a recording.
    #[error("it is not a recording of sessionwatch")]
    NoRecording,
    /// The file has another version of the format.
    #[error("it is a recording of another version of sessionwatch")]
    OtherVersion,
    /// The file has no describe reply, so nothing identifies the journal.
    #[error("it ends before its first reply")]
    Empty,
}

impl Failure for OpenError {
    fn exit(&self) -> Exit {
        Exit::File
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(
            match self {
                Self::Io(_) => "check the file's name, and that you may read it",
                Self::NoRecording => "name a file that `sessionwatch record` has made",
                Self::OtherVersion => "use the tool of that version",
                Self::Empty => "nothing was recorded, or the file was cut or damaged there",
            }
            .into(),
        )
    }
}

/// A read reply: its offset in the file, and its sequence numbers.
#[derive(Clone, Copy, Debug)]
struct Batch {
    offset: u64,
    from: u64,
    next: u64,
}

/// The file, and the one reply that is in memory.
struct Loaded {
    file: Box<dyn Source>,
    /// The file's position, if it is known.
    offset: Option<u64>,
    place: Option<usize>,
    reply: Vec<u8>,
}

impl Recording {
    /// Opens a file and checks all of it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is not a recording.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::load(File::open(path)?)
    }

    /// Checks a recording up to its end or its first damaged frame.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn load(file: impl Read + Seek + 'static) -> Result<Self, OpenError> {
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut header = HEADER;
        file.read_exact(&mut header).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => OpenError::NoRecording,
            _ => error.into(),
        })?;
        if header[..MAGIC.len()] != MAGIC {
            return Err(OpenError::NoRecording);
        }
        if header != HEADER {
            return Err(OpenError::OtherVersion);
        }
        let mut scan = Scan::default();
        let end = scan.run(&mut file)?;
        let describe = scan.describe.ok_or(OpenError::Empty)?;
        let file = Loaded { file: Box::new(file), offset: None, place: None, reply: Vec::new() };
        let file = RefCell::new(file);
        Ok(Self { describe, snapshot: scan.snapshot, batches: scan.batches, end, file })
    }

    /// The recording's end.
    #[must_use]
    pub const fn end(&self) -> &End {
        &self.end
    }

    /// The sequence numbers that the recording covers.
    #[must_use]
    pub fn sequences(&self) -> Range<u64> {
        let nothing = self.describe.next.get();
        self.batches.first().map_or(nothing, |first| first.from)
            ..self.batches.last().map_or(nothing, |last| last.next)
    }

    fn read(&self, input: &[u8], output: &mut [u8]) -> Result<usize, DeviceError> {
        let request = ReadRequest::ref_from_bytes(input)
            .map_err(|_| DeviceError::Rejected(Rejection::Truncated))?;
        let mut head = ReadReply::new_zeroed();
        let (from, end) = (request.from.get(), self.sequences().end);
        head.version = VERSION.into();
        head.record_size = self.describe.record_size;
        head.journal_id = self.describe.journal_id;
        head.from = from.into();
        head.next = from.into();
        head.end = end.into();
        if from >= end {
            let waits = request.flags() == Some(ReadFlags::WAIT);
            return if waits { Err(DeviceError::Ended) } else { put(&head, &[], output) };
        }
        // For a reader, the records before the recording are lost like overwritten ones.
        let place = self.batches.partition_point(|batch| batch.next <= from);
        let mut loaded = self.file.borrow_mut();
        let batch = loaded.batch(&self.batches, place)?;
        let first = batch.head.from.get() + batch.head.lost.get();
        head.lost = first.saturating_sub(from).into();
        let skipped = usize::try_from(from.saturating_sub(first)).unwrap_or(usize::MAX);
        let records = batch.records.get(skipped..).unwrap_or_default();
        let room = output.len().saturating_sub(ReadReply::SIZE) / Record::SIZE;
        let records = &records[..records.len().min(room)];
        head.count = u32::try_from(records.len()).unwrap_or(u32::MAX).into();
        head.next = (from + head.lost.get() + records.len() as u64).into();
        put(&head, records, output)
    }

    /// The present sessions at the end of the recording: its last snapshot, updated by the events
    /// after it.
    fn sessions(&self, output: &mut [u8]) -> Result<usize, DeviceError> {
        let (mut head, records) = match &self.snapshot {
            Some((head, records)) => (*head, records.as_slice()),
            None => (SessionsReply::new_zeroed(), [].as_slice()),
        };
        let since = head.next.get();
        let mut sessions = SessionTable::new(since, records);
        head.version = VERSION.into();
        head.record_size = self.describe.record_size;
        head.journal_id = self.describe.journal_id;
        let mut loaded = self.file.borrow_mut();
        for place in self.batches.partition_point(|batch| batch.next <= since)..self.batches.len() {
            loaded.batch(&self.batches, place)?.records.iter().for_each(|record| {
                sessions.follow(record);
            });
        }
        // Lost events at the end also come before the snapshot.
        head.next = since.max(self.sequences().end).into();
        head.present = u32::try_from(sessions.last().len()).unwrap_or(u32::MAX).into();
        let room = output.len().saturating_sub(SessionsReply::SIZE) / Record::SIZE;
        let records: Vec<Record> = sessions.last().take(room).copied().collect();
        head.count = u32::try_from(records.len()).unwrap_or(u32::MAX).into();
        put(&head, &records, output)
    }
}

impl Device for Recording {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        match code {
            DESCRIBE => put(&self.describe, &[], output),
            READ => self.read(input, output),
            SESSIONS => self.sessions(output),
            _ => Err(DeviceError::Rejected(Rejection::UnknownCode)),
        }
    }

    fn extent(&self) -> Option<Range<u64>> {
        Some(self.sequences())
    }
}

/// Writes a reply to `output` like the driver.
fn put(
    head: &(impl IntoBytes + zerocopy::Immutable),
    records: &[Record],
    output: &mut [u8],
) -> Result<usize, DeviceError> {
    let (head, records) = (head.as_bytes(), records.as_bytes());
    let needed = head.len() + records.len();
    let Some(reply) = output.get_mut(..needed) else {
        return Err(DeviceError::Rejected(Rejection::OutputTooSmall { needed }));
    };
    let (place, rest) = reply.split_at_mut(head.len());
    place.copy_from_slice(head);
    rest.copy_from_slice(records);
    Ok(needed)
}

impl Loaded {
    /// The read reply at this index of `batches`. [`Recording::load`] has checked it.
    fn batch(
        &mut self,
        batches: &[Batch],
        place: usize,
    ) -> Result<sessionwatch_protocol::ReadBatch<'_>, DeviceError> {
        let changed = || DeviceError::Recording("it was changed while it was read".to_owned());
        let batch = batches.get(place).ok_or_else(changed)?;
        if self.place != Some(place) {
            self.place = None;
            // A seek would discard the bytes that were read ahead.
            if self.offset.take() != Some(batch.offset) {
                self.file
                    .seek(SeekFrom::Start(batch.offset))
                    .map_err(|error| DeviceError::Recording(error.to_string()))?;
            }
            let code = frame::read(&mut self.file, &mut self.reply).map_err(|_| changed())?;
            if code != Some(READ) {
                return Err(changed());
            }
            self.place = Some(place);
            self.offset = Some(batch.offset + frame::size(self.reply.len()) as u64);
        }
        decode_read(&self.reply)
            .ok()
            .filter(|read| (read.head.from.get(), read.head.next.get()) == (batch.from, batch.next))
            .ok_or_else(changed)
    }
}

/// The state of checking a recording.
#[derive(Default)]
struct Scan {
    describe: Option<DescribeReply>,
    snapshot: Option<(SessionsReply, Vec<Record>)>,
    batches: Vec<Batch>,
}

impl Scan {
    /// Reads up to the end or the first damaged frame, and returns the end.
    fn run(&mut self, file: &mut impl Read) -> io::Result<End> {
        let mut offset = HEADER.len() as u64;
        let mut reply = Vec::new();
        loop {
            match frame::read(file, &mut reply) {
                Ok(None) => return Ok(End::Whole),
                Ok(Some(code)) => {
                    if let Err(reason) = self.take(code, &reply, offset) {
                        return Ok(End::Damaged(offset, reason));
                    }
                }
                Err(FrameError::Cut) => return Ok(End::Cut(offset)),
                Err(FrameError::Damaged) => {
                    let reason = "the bytes are not those that were written".to_owned();
                    return Ok(End::Damaged(offset, reason));
                }
                Err(FrameError::Io(error)) => return Err(error),
            }
            offset += frame::size(reply.len()) as u64;
        }
    }

    /// Adds a reply that continues the replies before it. Skips a reply to a request that this
    /// version does not know.
    fn take(&mut self, code: ControlCode, reply: &[u8], offset: u64) -> Result<(), String> {
        let bad = |error: DecodeError| error.to_string();
        match code {
            DESCRIBE => {
                let describe = *decode_describe(reply).map_err(bad)?;
                self.check_journal(describe.journal_id.get())?;
                self.describe = Some(describe);
            }
            READ => {
                let batch = decode_read(reply).map_err(bad)?;
                self.check_journal(batch.head.journal_id.get())?;
                let (from, next) = (batch.head.from.get(), batch.head.next.get());
                if self.batches.last().is_some_and(|last| last.next != from) {
                    return Err(format!(
                        "the reply begins at sequence number {from}, out of order"
                    ));
                }
                if from < next {
                    self.batches.push(Batch { offset, from, next });
                }
            }
            SESSIONS => {
                let snapshot = decode_sessions(reply).map_err(bad)?;
                self.check_journal(snapshot.head.journal_id.get())?;
                if snapshot.head.count == snapshot.head.present {
                    self.snapshot = Some((*snapshot.head, snapshot.sessions.to_vec()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Checks that the reply is of the recording's one journal, which the first reply identifies.
    fn check_journal(&self, journal_id: u64) -> Result<(), String> {
        match &self.describe {
            Some(describe) if describe.journal_id.get() != journal_id => {
                Err("the reply is of another journal".to_owned())
            }
            _ => Ok(()),
        }
    }
}
