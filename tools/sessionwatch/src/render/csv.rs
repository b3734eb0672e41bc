//! Comma-separated values (RFC 4180): one line a row, the same columns in each.

use std::io;

use csv::{Terminator, WriterBuilder};
use serde::Serialize;
use serde_json::Value;

/// What most lines fit in, in bytes.
const LINE: usize = 512;

/// Writes the names of the columns.
pub(super) fn header(fields: &[&str], out: &mut Vec<u8>) -> io::Result<()> {
    line(fields.iter().map(|field| (*field).to_owned()), out)
}

/// Writes the values of these fields; one that `row` does not have is empty.
pub(super) fn row(fields: &[&str], row: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    let value = serde_json::to_value(row)?;
    let field = |path: &&str| path.split('.').try_fold(&value, |value, name| value.get(name));
    line(fields.iter().map(|path| field(path).map_or_else(String::new, text)), out)
}

fn line(cells: impl Iterator<Item = String>, out: &mut Vec<u8>) -> io::Result<()> {
    let mut builder = WriterBuilder::new();
    let builder = builder.terminator(Terminator::CRLF).buffer_capacity(LINE);
    let mut writer = builder.from_writer(out);
    writer.write_record(cells.map(String::into_bytes))?;
    writer.flush()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// The leaves of a JSON object, as [`Row::FIELDS`](super::Row::FIELDS) names them:
/// a test holds one against the other.
#[cfg(test)]
pub(crate) fn leaves(value: &Value) -> std::collections::BTreeSet<String> {
    let Value::Object(fields) = value else { return std::iter::once(String::new()).collect() };
    let nested = |(name, value): (&String, &Value)| {
        let join =
            |leaf: String| if leaf.is_empty() { name.clone() } else { format!("{name}.{leaf}") };
        leaves(value).into_iter().map(join).collect::<Vec<_>>()
    };
    fields.iter().flat_map(nested).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_lists_and_odd_texts_are_one_cell_each() {
        let value = json!({
            "a": {"b": "x, \"y\"\nz", "none": null},
            "list": ["p", 1, "q r"],
            "flag": true,
        });
        let mut out = Vec::new();
        let fields = ["a.b", "a.none", "list", "flag", "absent"];
        header(&fields, &mut out).unwrap();
        row(&fields, &value, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(&*out);
        assert_eq!(reader.headers().unwrap(), fields.to_vec());
        let read = reader.records().next().unwrap().unwrap();
        assert_eq!(read, vec!["x, \"y\"\nz", "", "p 1 q r", "true", ""]);
    }

    #[test]
    fn the_leaves_are_named_with_dots() {
        let value = json!({"a": {"b": 1, "c": []}, "d": null});
        assert_eq!(leaves(&value).into_iter().collect::<Vec<_>>(), ["a.b", "a.c", "d"]);
    }
}
