//! Shared by the tests of the rows.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::row::Row;
use super::{Form, Layout, Printer, Table};

/// Checks that CSV has a column for each leaf of these objects, and no other column.
pub(crate) fn assert_columns<L: Serialize>(columns: &[&str], lines: impl IntoIterator<Item = L>) {
    let mut found = BTreeSet::new();
    for line in lines {
        found.extend(leaves(&serde_json::to_value(&line).unwrap()));
        super::csv::row(columns, &line, &mut Vec::new()).unwrap();
    }
    assert_eq!(found, columns.iter().map(ToString::to_string).collect());
}

/// The names of the leaves of a JSON object, nested names with a dot between them.
fn leaves(value: &Value) -> BTreeSet<String> {
    let Value::Object(fields) = value else { return std::iter::once(String::new()).collect() };
    let nested = |(name, value): (&String, &Value)| {
        let join =
            |leaf: String| if leaf.is_empty() { name.clone() } else { format!("{name}.{leaf}") };
        leaves(value).into_iter().map(join).collect::<Vec<_>>()
    };
    fields.iter().flat_map(nested).collect()
}

/// A table of this width, without colours.
pub(crate) fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

/// The output of one row in a form.
pub(crate) fn object<R: Row>(row: &R, form: Form) -> String {
    let mut output = Vec::new();
    let mut printer = Printer::new(form, &mut output);
    printer.object(row).unwrap();
    printer.end().unwrap();
    String::from_utf8(output).unwrap()
}
