//! The report as text.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use crate::report::{Bound, Entry, Report, Row, Spread};

/// All rows, one contender a line.
pub(crate) fn render(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["", "median", "least..greatest", "ours / this", ""]);
    for row in &report.rows {
        add(&mut table, row);
    }
    for column in [1, 2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    format!("{}\n{}", lines.join("\n"), foot(report))
}

fn add(table: &mut Table, row: &Row) {
    table.add_row([format!("{}, {}", row.name, row.unit)]);
    table.add_row(line(&row.ours, "", None, verdict(row)));
    for peer in &row.peers {
        table.add_row(line(peer, "", Some(peer.ratio), leaving_out(peer)));
    }
    if let Some(limit) = &row.limit {
        table.add_row(line(limit, "limit: ", Some(limit.ratio), leaving_out(limit)));
    }
    table.add_row([""]);
}

fn line(entry: &Entry, role: &str, ratio: Option<Spread>, remark: String) -> [String; 5] {
    let Spread { median, least, greatest } = entry.figure;
    [
        format!("  {role}{}", entry.name),
        number(median),
        format!("{}..{}", number(least), number(greatest)),
        ratio.map_or_else(String::new, |ratio| number(ratio.median)),
        remark,
    ]
}

fn leaving_out(entry: &Entry) -> String {
    let mut remarks = Vec::new();
    if !entry.leaves_out.is_empty() {
        remarks.push(format!("without {}", entry.leaves_out));
    }
    if entry.failed_rounds != 0 {
        remarks.push(format!("no figure in {} rounds", entry.failed_rounds));
    }
    remarks.join("; ")
}

/// Whether the target is met, in words.
pub(crate) fn verdict(row: &Row) -> String {
    let (Some(target), Some(met)) = (&row.target, row.met) else { return String::new() };
    let bound = match target.bound {
        Bound::AtMost(most) => format!("at most {most}"),
        Bound::AtLeast(least) => format!("at least {least}"),
    };
    let of = target.against.as_ref().map_or_else(String::new, |name| format!(" x {name}"));
    format!("target: {bound}{of}: {}", if met { "met" } else { "MISSED" })
}

/// Three digits, or all of those before the point.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "-".to_owned(),
        0.0 => "0".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn foot(report: &Report) -> String {
    let machine = &report.machine;
    let mut lines = vec![format!(
        "{} x {}; {}; {}; medians of {} rounds",
        machine.processors, machine.processor, machine.system, machine.compiler, report.rounds,
    )];
    let missing = report.not_measured.iter();
    lines.extend(missing.map(|missing| format!("not measured: {}: {}", missing.name, missing.why)));
    let targets: Vec<_> = report.rows.iter().filter_map(|row| row.met).collect();
    let met = targets.iter().filter(|met| **met).count();
    lines.push(format!("targets met: {met} of {}", targets.len()));
    let of_rows = report.rows.iter().filter(|row| row.met == Some(false));
    lines.extend(of_rows.map(|row| format!("  {}: {}", row.name, verdict(row))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        let shown = [0.0, 0.123, 3.694, 21.68, 123.4, 98_765.4, f64::NAN].map(number);
        assert_eq!(shown, ["0", "0.12", "3.69", "21.7", "123", "98765", "-"]);
    }
}
