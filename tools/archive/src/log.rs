//! The service's log: a bounded number of files of bounded size. A new file replaces the oldest.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime as FileTime;

use crc32fast::Hasher;
use sessionwatch_reader::Position;
use sessionwatch_reader::time::SystemTime;

use crate::entry::{Damage, Entry, Range};
use crate::files::{AppendFile, Files, Stat};
use crate::scan::{Scan, scan};

/// The size of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The size at which the next write begins a new file, in bytes.
    pub file_bytes: u64,
    /// The number of files to keep, including the current one.
    pub files: u32,
}

/// A log in a folder. `events.ndjson` is the current file. Older lines are in `events.1.ndjson`
/// and so on; the file with the highest number is the oldest.
///
/// One write goes to one file, so no line is split.
pub struct Log {
    files: Arc<dyn Files>,
    folder: PathBuf,
    bounds: Bounds,
    /// Closed after every error, because the end of the file is then unknown.
    file: Option<Box<dyn AppendFile>>,
    /// The files by number, as this log wrote or found them; 0 is the one that is written.
    known: BTreeMap<u32, Known>,
    /// Entries about the log itself that are not written yet.
    entries: Vec<u8>,
    /// The error of the last rotation, if it failed.
    rotation_error: Option<String>,
}

/// A file as this log wrote or found it.
#[derive(Clone, Default)]
struct Known {
    /// The size of the whole lines, in bytes.
    bytes: u64,
    /// The size on the disk, in bytes: more, if the last line is cut.
    size: u64,
    checksum: Hasher,
    modified: Option<FileTime>,
    begin: Option<Position>,
}

/// A change of the log by somebody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewind {
    /// The position from which on events may be missing in the log.
    pub from: Option<Position>,
}

impl Log {
    /// Opens the log of a folder, which is created if it does not exist, and continues behind its
    /// last line. `kept` is the saved position.
    ///
    /// Returns a rewind if the log ends before the saved position, or is damaged.
    ///
    /// # Errors
    ///
    /// If folder or files cannot be created or read.
    pub fn open(
        files: Arc<dyn Files>,
        folder: &Path,
        bounds: Bounds,
        kept: Option<&Position>,
        now: SystemTime,
    ) -> io::Result<(Self, Option<Rewind>)> {
        files.create_folder(folder)?;
        let mut known = BTreeMap::new();
        let mut newest = None;
        for number in 0..bounds.files {
            let path = path(folder, number);
            let Some(stat) = files.stat(&path)? else { continue };
            let content = files.read(&path)?;
            let scan = scan(&content);
            known.insert(number, Known::of(&content, stat, &scan));
            if !content.is_empty() {
                newest.get_or_insert((number, scan));
            }
        }
        let folder = folder.to_owned();
        let mut log = Self {
            files,
            folder,
            bounds,
            file: None,
            known,
            entries: Vec::new(),
            rotation_error: None,
        };
        let rewind = log.compare(newest, kept, now);
        Ok((log, rewind))
    }

    /// Compares the newest file with the saved position.
    fn compare(
        &mut self,
        newest: Option<(u32, Scan)>,
        kept: Option<&Position>,
        now: SystemTime,
    ) -> Option<Rewind> {
        let (number, scan) = newest.unwrap_or_default();
        let is_missing = self.known.values().all(|file| file.bytes == 0);
        let (damage, from) = match (kept, scan.end) {
            _ if scan.is_damaged => (Damage::Changed, scan.begin),
            (Some(kept), _) if is_missing && kept.next > 1 => {
                let damage = if self.known.is_empty() { Damage::Removed } else { Damage::Changed };
                (damage, None)
            }
            (Some(kept), Some(end))
                if kept.journal_id == end.journal_id && end.next < kept.next =>
            {
                (Damage::Cut, Some(end))
            }
            _ => return None,
        };
        self.note(&Entry::FileDamaged {
            time: now,
            file: name(number),
            damage,
            missing: Range::between(from.as_ref(), kept),
        });
        Some(Rewind { from })
    }

    /// Adds an entry about the log, which the next [`append`](Self::append) writes first.
    pub fn note(&mut self, entry: &Entry) {
        self.entries.extend(entry.line());
    }

    /// The error that keeps the log from beginning a new file, if there is one.
    #[must_use]
    pub fn rotation_error(&self) -> Option<&str> {
        self.rotation_error.as_deref()
    }

    /// Writes whole lines, and returns when they are on the disk. `position` is the one before
    /// these lines.
    ///
    /// # Errors
    ///
    /// If they cannot be written. The log is then as before.
    pub fn append(
        &mut self,
        lines: &[u8],
        position: Option<&Position>,
        now: SystemTime,
    ) -> io::Result<()> {
        if self.current_bytes() >= self.bounds.file_bytes {
            self.rotation_error = self.rotate(position, now).err().map(|error| error.to_string());
        }
        let mut content = Vec::with_capacity(lines.len() + self.entries.len());
        let begins = self.current_bytes() == 0;
        if begins {
            let began = Entry::FileBegan {
                time: now,
                journal_id: position.map(|position| position.journal_id.clone()),
                next: position.map(|position| position.next),
            };
            content.extend(began.line());
        }
        content.extend_from_slice(&self.entries);
        content.extend_from_slice(lines);
        let outcome = self.write(&content);
        if outcome.is_err() {
            self.file = None;
            return outcome;
        }
        self.entries.clear();
        let modified = self.files.stat(&self.path(0)).ok().flatten().and_then(|stat| stat.modified);
        let known = self.known.entry(0).or_default();
        known.bytes += content.len() as u64;
        known.size = known.bytes;
        known.checksum.update(&content);
        known.modified = modified;
        if begins {
            known.begin = position.cloned();
        }
        Ok(())
    }

    fn write(&mut self, content: &[u8]) -> io::Result<()> {
        let end = self.current_bytes();
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                let mut file = self.files.append(&path(&self.folder, 0))?;
                // The part that a failed write left.
                if file.size()? > end {
                    file.truncate(end)?;
                }
                empty.insert(file)
            }
        };
        file.write(content)?;
        file.sync()
    }

    /// Ends the current file, unless it is empty.
    ///
    /// # Errors
    ///
    /// If it cannot be renamed. The log then continues in it.
    pub fn end_file(&mut self, position: Option<&Position>, now: SystemTime) -> io::Result<()> {
        if self.current_bytes() == 0 { Ok(()) } else { self.rotate(position, now) }
    }

    /// Each file takes the place of the next older one; the last one is replaced. What has moved
    /// stays moved if a later step fails.
    fn rotate(&mut self, position: Option<&Position>, now: SystemTime) -> io::Result<()> {
        // A program that does not share its files for deletion keeps them from being renamed.
        self.file = None;
        let last = self.bounds.files.saturating_sub(1);
        let free = (0..last).find(|number| !self.known.contains_key(number)).unwrap_or(last);
        if free == last && self.known.contains_key(&last) {
            self.remove(last, position, now)?;
        }
        for number in (0..free).rev() {
            let (from, to) = (self.path(number), self.path(number + 1));
            if let Err(error) = self.files.rename(&from, &to) {
                // An error may come after the deed.
                if self.files.stat(&from)?.is_some() {
                    return Err(error);
                }
            }
            let moved = self.known.remove(&number).unwrap_or_default();
            self.known.insert(number + 1, moved);
        }
        Ok(())
    }

    /// Looks for files that somebody else removed or changed. Names each in an entry, and
    /// returns the position from which on events may be missing.
    ///
    /// # Errors
    ///
    /// If a file cannot be read.
    pub fn check(
        &mut self,
        position: Option<&Position>,
        now: SystemTime,
    ) -> io::Result<Option<Rewind>> {
        let mut rewind = None;
        for number in self.known.keys().rev().copied().collect::<Vec<_>>() {
            let Some((damage, found)) = self.compare_file(number)? else { continue };
            let begin = self.known.get(&number).and_then(|file| file.begin.clone());
            let missing = self.events_in(number, position);
            self.note(&Entry::FileDamaged { time: now, file: name(number), damage, missing });
            match found {
                Some(found) => self.known.insert(number, found),
                None => self.known.remove(&number),
            };
            if number == 0 {
                self.file = None;
            }
            // The oldest file comes first.
            rewind.get_or_insert(Rewind { from: begin });
        }
        Ok(rewind)
    }

    /// Compares a file with its known content: the damage, and the file as it is now.
    fn compare_file(&mut self, number: u32) -> io::Result<Option<(Damage, Option<Known>)>> {
        let path = self.path(number);
        let known = self.known.get(&number).cloned().unwrap_or_default();
        let Some(stat) = self.files.stat(&path)? else {
            let was_written = known.bytes > 0;
            return Ok(was_written.then_some((Damage::Removed, None)));
        };
        // After a failed write, the file ends behind the known content.
        let is_torn = number == 0 && self.file.is_none() && stat.bytes >= known.bytes;
        let is_same_size = stat.bytes == known.size || is_torn;
        if is_same_size && stat.modified == known.modified && known.modified.is_some() {
            return Ok(None);
        }
        let content = self.files.read(&path)?;
        let kept = usize::try_from(known.bytes).ok().and_then(|end| content.get(..end));
        if is_same_size
            && kept.is_some_and(|kept| crc32fast::hash(kept) == known.checksum.clone().finalize())
        {
            if let Some(file) = self.known.get_mut(&number) {
                file.modified = stat.modified;
            }
            return Ok(None);
        }
        let found = Known::of(&content, stat, &scan(&content));
        Ok(Some((Damage::Changed, Some(found))))
    }

    /// Removes the files but the one that is written that were last changed before a time.
    ///
    /// # Errors
    ///
    /// If a file cannot be removed.
    pub fn expire(&mut self, before: FileTime, now: SystemTime) -> io::Result<()> {
        for number in self.known.keys().rev().copied().collect::<Vec<_>>() {
            let is_old = self.known.get(&number).and_then(|file| file.modified);
            if number == 0 || is_old.is_none_or(|modified| modified >= before) {
                continue;
            }
            // Without a newer file, the end of its events stays unknown.
            self.remove(number, None, now)?;
        }
        Ok(())
    }

    /// True if entries about the log itself are not written yet.
    #[must_use]
    pub const fn has_entries(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The size of the current file, in bytes.
    fn current_bytes(&self) -> u64 {
        self.known.get(&0).map_or(0, |file| file.bytes)
    }

    /// The events in a file: they end where the next newer file begins, or at `position`.
    fn events_in(&self, number: u32, position: Option<&Position>) -> Vec<Range> {
        let begin = |file: &Known| file.begin.clone();
        let newer = self.known.range(..number).next_back();
        let end = newer.map_or(position.cloned(), |(_, newer)| begin(newer));
        Range::between(self.known.get(&number).and_then(begin).as_ref(), end.as_ref())
    }

    /// Removes a file whose time has come, and names its events in an entry.
    fn remove(
        &mut self,
        number: u32,
        position: Option<&Position>,
        now: SystemTime,
    ) -> io::Result<()> {
        let removed = self.events_in(number, position);
        self.files.remove(&self.path(number))?;
        self.known.remove(&number);
        self.note(&Entry::FileExpired { time: now, removed });
        Ok(())
    }

    fn path(&self, number: u32) -> PathBuf {
        path(&self.folder, number)
    }
}

impl Known {
    /// A file with this content. A cut last line is not part of it: the next write removes it.
    fn of(content: &[u8], stat: Stat, scan: &Scan) -> Self {
        let whole = content.get(..scan.whole).unwrap_or(content);
        let mut checksum = Hasher::new();
        checksum.update(whole);
        Self {
            bytes: whole.len() as u64,
            size: content.len() as u64,
            checksum,
            modified: stat.modified,
            begin: scan.begin.clone(),
        }
    }
}

/// The log's file with this number; 0 is the current one.
pub(crate) fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(name(number))
}

fn name(number: u32) -> String {
    match number {
        0 => "events.ndjson".to_owned(),
        number => format!("events.{number}.ndjson"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::Disk;

    const NOW: SystemTime = SystemTime(0);

    /// Damages a file.
    type Damaging = fn(&Path);

    fn open(folder: &Path, bounds: Bounds) -> Log {
        Log::open(Arc::new(Disk), folder, bounds, None, NOW).unwrap().0
    }

    fn append(log: &mut Log, lines: &str) {
        log.append(lines.as_bytes(), None, NOW).unwrap();
    }

    /// The lines of a file that are not the log's own.
    fn text(folder: &Path, number: u32) -> String {
        let text = fs::read_to_string(path(folder, number)).unwrap_or_default();
        text.split_inclusive('\n').filter(|line| !line.starts_with("{\"type\":\"file")).collect()
    }

    #[test]
    fn it_continues_behind_the_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds { file_bytes: 1000, files: 2 };
        let inner = folder.path().join("new");
        append(&mut open(&inner, bounds), "{\"type\":\"one\"}\n");
        append(&mut open(&inner, bounds), "{\"type\":\"two");
        append(&mut open(&inner, bounds), "{\"type\":\"three\"}\n");
        assert_eq!(text(&inner, 0), "{\"type\":\"one\"}\n{\"type\":\"three\"}\n");
        assert_eq!(text(&inner, 1), "");
    }

    #[test]
    fn a_log_of_one_file_starts_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), Bounds { file_bytes: 4, files: 1 });
        append(&mut log, "one\n");
        append(&mut log, "two\n");
        assert_eq!(text(folder.path(), 0), "two\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_cannot_be_renamed_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), Bounds { file_bytes: 4, files: 3 });
        // Not even an empty folder can be replaced by a file.
        fs::create_dir(path(folder.path(), 1)).unwrap();
        append(&mut log, "one\n");
        append(&mut log, "two\n");
        assert_eq!(text(folder.path(), 0), "one\ntwo\n");
        assert!(log.rotation_error().is_some());
        fs::remove_dir(path(folder.path(), 1)).unwrap();
        append(&mut log, "three\n");
        assert_eq!(
            (text(folder.path(), 1).as_str(), text(folder.path(), 0).as_str()),
            ("one\ntwo\n", "three\n")
        );
        assert_eq!(log.rotation_error(), None);
    }

    #[test]
    fn damage_is_noticed_and_named_once() {
        let at = |next| Position::new(7, next);
        let damage: [(&str, Damaging); 4] = [
            ("removed", |file| fs::remove_file(file).unwrap()),
            ("changed", |file| fs::write(file, "").unwrap()),
            ("changed", |file| fs::write(file, "{\"type\":\"x\"}\n").unwrap()),
            ("changed", |file| {
                let bytes = fs::read(file).unwrap().len();
                fs::write(file, vec![0; bytes]).unwrap();
            }),
        ];
        for (name, damage) in damage {
            for number in [0, 1] {
                let folder = tempfile::tempdir().unwrap();
                let mut log = open(folder.path(), Bounds { file_bytes: 4, files: 3 });
                log.append(b"{\"type\":\"a\"}\n", Some(&at(1)), NOW).unwrap();
                log.append(b"{\"type\":\"b\"}\n", Some(&at(5)), NOW).unwrap();
                assert_eq!(log.check(Some(&at(9)), NOW).unwrap(), None);
                damage(&path(folder.path(), number));
                let from = if number == 0 { at(5) } else { at(1) };
                let rewind = Some(Rewind { from: Some(from) });
                assert_eq!(log.check(Some(&at(9)), NOW).unwrap(), rewind, "{name} {number}");
                assert_eq!(log.check(Some(&at(9)), NOW).unwrap(), None);
                log.append(b"{\"type\":\"c\"}\n", Some(&at(5)), NOW).unwrap();
                assert_eq!(log.check(Some(&at(9)), NOW).unwrap(), None);
                let lines = fs::read_to_string(path(folder.path(), 0)).unwrap();
                let (first, last) = if number == 0 { (5, 8) } else { (1, 4) };
                let named = format!(
                    "\"damage\":\"{name}\",\"missing\":[{{\"journal_id\":\"0000000000000007\",\
                     \"first\":{first},\"last\":{last}}}]"
                );
                assert!(lines.contains(&named), "{lines}");
            }
        }
    }

    #[test]
    fn a_log_that_ends_before_the_position_is_named_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds { file_bytes: 1000, files: 3 };
        let at = |next| Position::new(7, next);
        let open = |kept: u64| {
            Log::open(Arc::new(Disk), folder.path(), bounds, Some(&at(kept)), NOW).unwrap().1
        };
        assert_eq!(open(1), None);
        assert_eq!(open(4), Some(Rewind { from: None }));
        let mut log = self::open(folder.path(), bounds);
        log.append(b"{\"type\":\"event\",\"sequence\":1}\n", Some(&at(1)), NOW).unwrap();
        assert_eq!(open(2), None);
        assert_eq!(open(4), Some(Rewind { from: Some(at(2)) }));
    }

    #[test]
    fn old_files_expire_and_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), Bounds { file_bytes: 4, files: 3 });
        for next in [1, 5] {
            log.append(b"{}\n", Some(&Position::new(7, next)), NOW).unwrap();
        }
        log.expire(FileTime::UNIX_EPOCH, NOW).unwrap();
        assert!(!log.has_entries());
        log.expire(FileTime::now() + std::time::Duration::from_mins(1), NOW).unwrap();
        assert!(log.has_entries() && !path(folder.path(), 1).exists());
        assert!(path(folder.path(), 0).exists());
    }

    proptest! {
        /// The files together hold the last of the written lines, each whole. Their number
        /// stays within the bounds.
        #[test]
        fn the_files_are_the_end_of_the_written_lines(
            lines in prop::collection::vec("\\{\"type\":\"[a-z]{0,20}\"\\}\n", 0..40),
            file_bytes in 1u64..100,
            files in 1u32..5,
            reopen in 1usize..10,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let bounds = Bounds { file_bytes, files };
            let mut log = open(folder.path(), bounds);
            for (place, line) in lines.iter().enumerate() {
                if place % reopen == 0 {
                    log = open(folder.path(), bounds);
                }
                append(&mut log, line);
            }
            let kept: String = (0..files).rev().map(|number| text(folder.path(), number)).collect();
            prop_assert!(lines.concat().ends_with(&kept));
            prop_assert!(kept.is_empty() == lines.is_empty());
            let count = fs::read_dir(folder.path()).unwrap().count();
            prop_assert!(count <= usize::try_from(files).unwrap());
        }
    }
}
