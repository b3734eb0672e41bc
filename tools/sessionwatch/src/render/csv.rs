//! Comma-separated values (RFC 4180): one line per row, all with the same columns.
//!
//! `serde_json` walks through a row, and a [`Formatter`] writes each value as a cell directly into
//! the output. It relies on one promise of [`Row`](super::Row): fields come in the order of the
//! columns. If a row lacks a field, its column stays empty.

use std::io::{self, Write};
use std::sync::LazyLock;

use csv_core::WriteResult;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, Formatter};

/// Writes the names of the columns.
pub(super) fn header(columns: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    let mut line = Line::new(columns);
    columns.iter().try_for_each(|column| line.cell(column.as_bytes(), out))?;
    line.end(out)
}

/// Writes the values of a row.
pub(super) fn row(columns: &[&str], row: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    let mut line = Line::new(columns);
    let mut values = Values {
        line: &mut line,
        group: String::new(),
        groups: Vec::new(),
        key: String::new(),
        is_key: false,
        lists: 0,
        value: Vec::new(),
    };
    row.serialize(&mut Serializer::with_formatter(&mut *out, &mut values))?;
    line.end(out)
}

/// A partly written line.
struct Line<'columns> {
    columns: &'columns [&'columns str],
    /// The column of the next cell.
    next: usize,
}

impl<'columns> Line<'columns> {
    const fn new(columns: &'columns [&'columns str]) -> Self {
        Self { columns, next: 0 }
    }

    /// Advances to a column, and leaves those before it empty. Returns false if the column does
    /// not exist.
    fn seek(
        &mut self,
        group: &str,
        key: &str,
        out: &mut (impl Write + ?Sized),
    ) -> io::Result<bool> {
        let is_it = |column: &&str| {
            // Most columns differ in length, which is quicker to compare.
            column.len() == group.len() + key.len()
                && column.starts_with(group)
                && column.ends_with(key)
        };
        let Some(distance) = self.columns[self.next..].iter().position(is_it) else {
            return Ok(false);
        };
        (0..distance).try_for_each(|_| self.cell(b"", out))?;
        Ok(true)
    }

    /// Writes the next cell.
    fn cell(&mut self, text: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if self.next > 0 {
            out.write_all(b",")?;
        }
        self.next += 1;
        if QUOTING.should_quote(text) { quoted(text, out) } else { out.write_all(text) }
    }

    /// Ends the line, and leaves the remaining columns empty.
    fn end(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        while self.next < self.columns.len() {
            self.cell(b"", out)?;
        }
        out.write_all(b"\r\n")
    }
}

/// Decides which text needs quotes.
static QUOTING: LazyLock<csv_core::Writer> = LazyLock::new(csv_core::Writer::new);

/// Writes text in quotes, and doubles each quote in it.
fn quoted(mut text: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    out.write_all(b"\"")?;
    let mut chunk = [0; 256];
    loop {
        let (result, read, written) = csv_core::quote(text, &mut chunk, b'"', b'"', true);
        out.write_all(&chunk[..written])?;
        text = &text[read..];
        if result == WriteResult::InputEmpty {
            return out.write_all(b"\"");
        }
    }
}

/// Writes values as cells.
struct Values<'line, 'columns> {
    line: &'line mut Line<'columns>,
    /// The names of the objects around a value, each with a dot.
    group: String,
    /// The length of `group` outside of each object around a value.
    groups: Vec<usize>,
    /// The name of the value.
    key: String,
    is_key: bool,
    /// The number of lists around a value.
    lists: usize,
    value: Vec<u8>,
}

impl Values<'_, '_> {
    /// Writes a value without parts.
    fn scalar<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.begin();
        write(&mut self.value)?;
        self.finish(out)
    }

    fn begin(&mut self) {
        if self.lists == 0 {
            self.value.clear();
        }
    }

    /// Writes the value's cell, unless the value is part of a list.
    fn finish<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        if self.lists > 0 {
            return Ok(());
        }
        if !self.line.seek(&self.group, &self.key, out)? {
            let name = format!("{}{}", self.group, self.key);
            return Err(io::Error::other(format!("no column for the field {name}")));
        }
        self.line.cell(&self.value, out)
    }
}

impl Formatter for &mut Values<'_, '_> {
    fn write_null<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        // An absent object has no column of its own, only columns for its fields.
        if self.lists == 0 && self.line.seek(&self.group, &self.key, out)? {
            self.line.cell(b"", out)?;
        }
        Ok(())
    }

    fn write_bool<W: Write + ?Sized>(&mut self, out: &mut W, value: bool) -> io::Result<()> {
        self.scalar(out, |cell| write!(cell, "{value}"))
    }

    fn write_u8<W: Write + ?Sized>(&mut self, out: &mut W, value: u8) -> io::Result<()> {
        self.write_u64(out, value.into())
    }

    fn write_u16<W: Write + ?Sized>(&mut self, out: &mut W, value: u16) -> io::Result<()> {
        self.write_u64(out, value.into())
    }

    fn write_u32<W: Write + ?Sized>(&mut self, out: &mut W, value: u32) -> io::Result<()> {
        self.write_u64(out, value.into())
    }

    fn write_u64<W: Write + ?Sized>(&mut self, out: &mut W, value: u64) -> io::Result<()> {
        self.scalar(out, |cell| write!(cell, "{value}"))
    }

    fn write_i64<W: Write + ?Sized>(&mut self, out: &mut W, value: i64) -> io::Result<()> {
        self.scalar(out, |cell| write!(cell, "{value}"))
    }

    fn write_f64<W: Write + ?Sized>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        self.scalar(out, |cell| write!(cell, "{value}"))
    }

    fn begin_string<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        if !self.is_key {
            self.begin();
        }
        Ok(())
    }

    fn end_string<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        if self.is_key { Ok(()) } else { self.finish(out) }
    }

    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        _: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.is_key {
            self.key.push_str(fragment);
        } else {
            self.value.extend_from_slice(fragment.as_bytes());
        }
        Ok(())
    }

    /// Writes the character itself, because a cell has no escapes.
    fn write_char_escape<W: Write + ?Sized>(
        &mut self,
        _: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.value.push(match escape {
            CharEscape::Quote => b'"',
            CharEscape::ReverseSolidus => b'\\',
            CharEscape::Solidus => b'/',
            CharEscape::Backspace => 0x08,
            CharEscape::FormFeed => 0x0C,
            CharEscape::LineFeed => b'\n',
            CharEscape::CarriageReturn => b'\r',
            CharEscape::Tab => b'\t',
            CharEscape::AsciiControl(byte) => byte,
        });
        Ok(())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.begin();
        self.lists += 1;
        Ok(())
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.lists -= 1;
        self.finish(out)
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        _: &mut W,
        is_first: bool,
    ) -> io::Result<()> {
        if !is_first {
            self.value.push(b' ');
        }
        Ok(())
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }

    fn begin_object<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.groups.push(self.group.len());
        if self.groups.len() > 1 {
            self.group.push_str(&self.key);
            self.group.push('.');
        }
        Ok(())
    }

    fn end_object<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        let length = self.groups.pop().unwrap_or_default();
        self.group.truncate(length);
        Ok(())
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, _: &mut W, _: bool) -> io::Result<()> {
        self.key.clear();
        self.is_key = true;
        Ok(())
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_key = false;
        Ok(())
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Inner {
        b: Option<&'static str>,
        none: Option<u8>,
    }

    #[derive(Serialize)]
    struct Outer {
        a: Option<Inner>,
        list: [&'static str; 2],
        flag: bool,
        number: i64,
    }

    const COLUMNS: [&str; 6] = ["a.b", "a.none", "absent", "list", "flag", "number"];

    fn read(row: &Outer) -> Vec<String> {
        let mut out = Vec::new();
        header(&COLUMNS, &mut out).unwrap();
        super::row(&COLUMNS, row, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(&*out);
        assert_eq!(reader.headers().unwrap(), COLUMNS.to_vec());
        let record = reader.records().next().unwrap().unwrap();
        record.iter().map(str::to_owned).collect()
    }

    #[test]
    fn nested_fields_lists_and_any_text_are_one_cell_each() {
        let text = "x, \"y\"\n\\ \u{1b}[2K z\r\t\u{7f}\u{9b}ü";
        let inner = Inner { b: Some(text), none: None };
        let row = Outer { a: Some(inner), list: ["p", "q r"], flag: true, number: -7 };
        assert_eq!(read(&row), [text, "", "", "p q r", "true", "-7"]);
    }

    #[test]
    fn an_absent_object_leaves_its_columns_empty() {
        let row = Outer { a: None, list: ["", ""], flag: false, number: 0 };
        assert_eq!(read(&row), ["", "", "", " ", "false", "0"]);
    }

    #[test]
    fn a_long_text_is_not_cut() {
        let text: &str = "\"long\" ".repeat(1000).leak();
        let row = Outer {
            a: Some(Inner { b: Some(text), none: Some(3) }),
            list: ["", ""],
            flag: false,
            number: 0,
        };
        assert_eq!(read(&row)[..2], [text, "3"]);
    }

    #[test]
    fn a_field_without_a_column_is_an_error() {
        let row = Outer { a: None, list: ["", ""], flag: false, number: 0 };
        for columns in [&COLUMNS[..5], &["flag", "list", "number"]] {
            let error = super::row(columns, &row, &mut Vec::new()).unwrap_err().to_string();
            assert!(error.contains("no column for the field"), "{error}");
        }
    }
}
