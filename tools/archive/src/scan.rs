//! Reads a file of the log back: the events that it covers, and the end of its valid content.

use serde::Deserialize;
use sessionwatch_reader::Position;

/// The content of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// The position at which it begins, as its first line says.
    pub(crate) begin: Option<Position>,
    /// The position behind its last event.
    pub(crate) end: Option<Position>,
    /// True if a line is not one of the log, and no later line names the damage.
    pub(crate) is_damaged: bool,
    /// The size of the whole lines, in bytes. Behind them is a line that was cut, as by a loss of
    /// power: it was never acknowledged, and the position is before it.
    pub(crate) whole: usize,
}

/// The fields of a line that tell the position.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    journal_id: Option<String>,
    sequence: Option<u64>,
    last: Option<u64>,
    next: Option<u64>,
}

/// Reads the content of a file.
pub(crate) fn scan(content: &[u8]) -> Scan {
    let mut scan = Scan::default();
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") {
            break;
        }
        scan.whole += line.len();
        match serde_json::from_slice::<Line>(line) {
            Ok(line) => scan.admit(line),
            Err(_) => scan.is_damaged = true,
        }
    }
    scan
}

impl Scan {
    fn admit(&mut self, line: Line) {
        let next = match &*line.r#type {
            "file_damaged" => {
                self.is_damaged = false;
                return;
            }
            "event" => line.sequence.map(|sequence| sequence.saturating_add(1)),
            "lost" => line.last.map(|last| last.saturating_add(1)),
            "file_began" | "account" | "rewind" => line.next,
            "restart" => Some(1),
            _ => return,
        };
        let journal = line.journal_id.or_else(|| Some(self.end.as_ref()?.journal_id.clone()));
        let Some((journal_id, next)) = journal.zip(next) else { return };
        let position = Position { journal_id, next };
        if line.r#type == "file_began" {
            self.begin = Some(position.clone());
        }
        self.end = Some(position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_tell_begin_and_end() {
        let lines = concat!(
            "{\"type\":\"file_began\",\"time\":\"t\",\"journal_id\":\"a\",\"next\":5}\n",
            "{\"type\":\"event\",\"sequence\":5}\n",
            "{\"type\":\"user_mode_event\",\"session_id\":3}\n",
            "{\"type\":\"lost\",\"first\":6,\"last\":9,\"count\":4}\n",
        );
        let at = |journal: &str, next| Some(Position { journal_id: journal.to_owned(), next });
        let expected =
            Scan { begin: at("a", 5), end: at("a", 10), is_damaged: false, whole: lines.len() };
        assert_eq!(scan(lines.as_bytes()), expected);
        let cut = format!("{lines}{}", "{\"type\":\"event\",\"sequ");
        assert_eq!(scan(cut.as_bytes()), expected);

        let restart = format!("{lines}{}", "{\"type\":\"restart\",\"journal_id\":\"b\"}\n");
        assert_eq!(scan(restart.as_bytes()).end, at("b", 1));
    }

    #[test]
    fn damage_counts_until_an_entry_names_it() {
        let named = "{\"type\":\"file_damaged\"}\n";
        for (lines, is_damaged) in [
            ("", false),
            ("{\"type\":\"event\",\"sequ", false),
            ("\0\0\0\0", false),
            ("\0\0\0\0\n", true),
            ("garbage\n", true),
            ("{}\n", true),
        ] {
            assert_eq!(scan(lines.as_bytes()).is_damaged, is_damaged, "{lines:?}");
            assert!(!scan(format!("{lines}\n{named}").as_bytes()).is_damaged);
        }
    }
}
