//! The report as a Markdown table.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::report::{Bound, Entry, Report, Row, Spread};

/// One line for each contender, and the summary.
pub(crate) fn render(report: &Report) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["row", "contender", "median", "range", "sessionwatch / this", "remark"]);
    for row in &report.rows {
        let name = format!("`{}`, {}", row.name, row.unit);
        table.add_row(line(name, &row.ours, String::new(), verdict(row)));
        for other in &row.others {
            let remark = match other.leaves_out {
                "" => String::new(),
                leaves_out => format!("without {leaves_out}"),
            };
            table.add_row(line(String::new(), other, with_range(other.ratio), remark));
        }
    }
    for column in table.column_iter_mut().skip(2).take(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n\n{}", summary(report))
}

fn line(row: String, entry: &Entry, ratio: String, remark: String) -> [String; 6] {
    [row, entry.name.clone(), number(entry.figure.median), range(entry.figure), ratio, remark]
}

fn range(Spread { minimum, maximum, .. }: Spread) -> String {
    format!("{}..{}", number(minimum), number(maximum))
}

fn with_range(spread: Spread) -> String {
    if spread.median.is_nan() {
        return String::new();
    }
    format!("{} [{}]", number(spread.median), range(spread))
}

/// The target, and if it is met.
pub(crate) fn verdict(row: &Row) -> String {
    let Some(target) = &row.target else { return String::new() };
    let bound = match target.bound {
        Bound::AtMost(most) => format!("at most {most}"),
        Bound::AtLeast(least) => format!("at least {least}"),
    };
    let of = target.against.as_ref().map_or_else(String::new, |name| format!(" x {name}"));
    format!("target: {bound}{of}: {}", if target.met { "met" } else { "MISSED" })
}

/// Three digits, or all digits before the point.
fn number(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "-".to_owned(),
        0.0 => "0".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn summary(report: &Report) -> String {
    let others = report.taken_by_others.map_or(f64::NAN, |share| 100.0 * share);
    let mut lines = vec![format!(
        "{}; {} rounds; other programs took {} % of the processors' time",
        report.machine,
        report.rounds,
        number(others),
    )];
    for (name, reason) in &report.not_measured {
        lines.push(format!("not measured: {name}: {reason}"));
    }
    let targets = || report.rows.iter().filter_map(|row| Some((row, row.target.as_ref()?.met)));
    lines.push(format!(
        "targets met: {} of {}",
        targets().filter(|(_, met)| *met).count(),
        targets().count()
    ));
    for (row, _) in targets().filter(|(_, met)| !met) {
        lines.push(format!("  {}: {}", row.name, verdict(row)));
    }
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
