//! The state of the service as a row.

use serde::Serialize;
use sessionwatch_reader::Position;

use super::row::{Column, Row, or_dash};
use crate::service::{LogReport, NAME, ServiceReport};

/// The state of the service in the output for programs.
#[derive(Serialize)]
pub struct ServiceLine<'a> {
    r#type: &'static str,
    name: &'static str,
    installed: bool,
    state: Option<&'static str>,
    process_id: Option<u32>,
    trouble: Option<TroubleLine<'a>>,
    log: Option<LogLine<'a>>,
}

/// What keeps the service from writing, as programs get it.
#[derive(Serialize)]
struct TroubleLine<'a> {
    since: &'a str,
    reason: &'a str,
}

/// The state of the log, as programs get it.
#[derive(Serialize)]
struct LogLine<'a> {
    folder: String,
    bytes: u64,
    last_entry: Option<&'a str>,
    journal_id: Option<&'a str>,
    next: Option<u64>,
}

impl Row for ServiceReport {
    type Fields<'row> = ServiceLine<'row>;

    const FIELDS: &'static [&'static str] = &[
        "type",
        "name",
        "installed",
        "state",
        "process_id",
        "trouble.since",
        "trouble.reason",
        "log.folder",
        "log.bytes",
        "log.last_entry",
        "log.journal_id",
        "log.next",
    ];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("service", |_, _| NAME.to_owned()),
        Column::text("state", |report, _| report.state.unwrap_or("not installed").to_owned()),
        Column::text("process", |report: &Self, _| or_dash(report.process_id)),
        Column::text("trouble", |report: &Self, _| {
            or_dash(report.trouble.as_ref().map(|of| format!("{}, since {}", of.reason, of.since)))
        }),
        Column::text("log folder", |report: &Self, _| {
            of_log(report, |log| Some(log.folder.display().to_string()))
        }),
        Column::text("log size", |report: &Self, _| {
            of_log(report, |log| Some(size(log.summary.bytes)))
        }),
        Column::text("last entry", |report: &Self, _| {
            of_log(report, |log| log.summary.last_entry.clone())
        }),
        Column::text("next", |report: &Self, _| {
            of_log(report, |log| log.summary.position.as_ref().map(next))
        }),
    ];

    fn fields(&self) -> ServiceLine<'_> {
        ServiceLine {
            r#type: "service",
            name: NAME,
            installed: self.state.is_some(),
            state: self.state,
            process_id: self.process_id,
            trouble: self
                .trouble
                .as_ref()
                .map(|of| TroubleLine { since: &of.since, reason: &of.reason }),
            log: self.log.as_ref().map(|LogReport { folder, summary }| LogLine {
                folder: folder.display().to_string(),
                bytes: summary.bytes,
                last_entry: summary.last_entry.as_deref(),
                journal_id: summary.position.as_ref().map(|position| &*position.journal_id),
                next: summary.position.as_ref().map(|position| position.next),
            }),
        }
    }
}

fn of_log(report: &ServiceReport, part: impl FnOnce(&LogReport) -> Option<String>) -> String {
    or_dash(report.log.as_ref().and_then(part))
}

fn next(position: &Position) -> String {
    format!("sequence number {} of journal {}", position.next, position.journal_id)
}

/// A size in a suitable unit, rounded up.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{} MiB", bytes.div_ceil(1_048_576)),
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_archive::LogSummary;

    use super::*;
    use crate::render::Form;
    use crate::render::testing::{assert_columns, object, table};
    use crate::service::ShownTrouble;

    fn running() -> ServiceReport {
        ServiceReport {
            state: Some("running"),
            process_id: Some(7),
            trouble: Some(ShownTrouble {
                since: "2026-03-01T08:00:00.0000000Z".to_owned(),
                reason: "the disk is full".to_owned(),
            }),
            log: Some(LogReport {
                folder: "logs".into(),
                summary: LogSummary {
                    bytes: 5000,
                    last_entry: Some("2026-03-01T08:00:03.0000000Z".to_owned()),
                    position: Some(Position::new(7, 42)),
                },
            }),
        }
    }

    #[test]
    fn csv_has_a_column_for_every_field() {
        assert_columns(ServiceReport::FIELDS, [running().fields()]);
    }

    #[test]
    fn a_running_service_shows_its_log() {
        assert_eq!(
            object(&running(), table(80)),
            "service     SessionWatchLog\n\
             state       running\n\
             process     7\n\
             trouble     the disk is full, since 2026-03-01T08:00:00.0000000Z\n\
             log folder  logs\n\
             log size    5 KiB\n\
             last entry  2026-03-01T08:00:03.0000000Z\n\
             next        sequence number 42 of journal 0000000000000007\n"
        );
        let value = serde_json::to_value(running().fields()).unwrap();
        for form in [Form::Json, Form::Ndjson] {
            let read: serde_json::Value = serde_json::from_str(&object(&running(), form)).unwrap();
            assert_eq!(read, value);
        }
        assert_eq!(
            object(&running(), Form::Csv),
            "type,name,installed,state,process_id,trouble.since,trouble.reason,log.folder,log.bytes,log.last_entry,\
             log.journal_id,log.next\r\n\
             service,SessionWatchLog,true,running,7,2026-03-01T08:00:00.0000000Z,the disk is full,\
             logs,5000,2026-03-01T08:00:03.0000000Z,\
             0000000000000007,42\r\n"
        );
    }

    #[test]
    fn a_missing_service_is_not_installed() {
        let absent = ServiceReport { state: None, process_id: None, trouble: None, log: None };
        assert!(object(&absent, table(80)).contains("state       not installed\n"));
        assert_eq!(
            object(&absent, Form::Ndjson),
            "{\"type\":\"service\",\"name\":\"SessionWatchLog\",\"installed\":false,\"state\":null,\
             \"process_id\":null,\"trouble\":null,\"log\":null}\n"
        );
    }

    #[test]
    fn a_size_has_a_suitable_unit() {
        assert_eq!(
            [0, 1023, 1024, 1_048_576, 1_048_577].map(size),
            ["0 bytes", "1023 bytes", "1 KiB", "1 MiB", "2 MiB"]
        );
    }
}
