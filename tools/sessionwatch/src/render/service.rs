//! How the service is.

use serde::{Serialize, Serializer};

use super::{Column, Row, or_dash};
use crate::service::{NAME, ServiceReport};

impl Row for ServiceReport {
    const FIELDS: &'static [&'static str] = &["type", "name", "installed", "state", "process_id"];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("service", |_, _| NAME.to_owned()),
        Column::text("state", |report, _| report.state.unwrap_or("not installed").to_owned()),
        Column::text("process", |report, _| or_dash(report.process_id)),
    ];
}

impl Serialize for ServiceReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { state, process_id } = *self;
        Fields { name: NAME, installed: state.is_some(), state, process_id }.serialize(serializer)
    }
}

/// What programs get. The field names are a promise to them.
#[derive(Serialize)]
#[serde(tag = "type", rename = "service")]
struct Fields {
    name: &'static str,
    installed: bool,
    state: Option<&'static str>,
    process_id: Option<u32>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::render::{Form, People, Printer, Table, leaves};

    fn shown(report: &ServiceReport, form: Form) -> String {
        let mut output = Vec::new();
        let mut printer = Printer::new(form, &mut output);
        printer.object(report).unwrap();
        printer.end().unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn csv_has_every_field() {
        let report = ServiceReport { state: Some("running"), process_id: Some(7) };
        let fields: BTreeSet<_> = ServiceReport::FIELDS.iter().map(ToString::to_string).collect();
        assert_eq!(leaves(&serde_json::to_value(report).unwrap()), fields);
    }

    #[test]
    fn a_service_that_runs_is_the_same_in_every_form() {
        let report = ServiceReport { state: Some("running"), process_id: Some(7) };
        let table = Form::Table(Table::new(People::new(80, None), false));
        assert_eq!(
            shown(&report, table),
            "service   SessionWatchLog\nstate     running\nprocess   7\n"
        );
        let value = serde_json::to_value(report).unwrap();
        for form in [Form::Json, Form::Ndjson] {
            let read: serde_json::Value = serde_json::from_str(&shown(&report, form)).unwrap();
            assert_eq!(read, value);
        }
        assert_eq!(
            shown(&report, Form::Csv),
            "type,name,installed,state,process_id\r\nservice,SessionWatchLog,true,running,7\r\n"
        );
    }

    #[test]
    fn a_service_that_is_not_there_is_said_to_be_not_there() {
        let absent = ServiceReport { state: None, process_id: None };
        let table = Form::Table(Table::new(People::new(80, None), false));
        assert_eq!(
            shown(&absent, table),
            "service   SessionWatchLog\nstate     not installed\nprocess   -\n"
        );
        assert_eq!(
            shown(&absent, Form::Ndjson),
            "{\"type\":\"service\",\"name\":\"SessionWatchLog\",\"installed\":false,\"state\":null,\
             \"process_id\":null}\n"
        );
    }
}
