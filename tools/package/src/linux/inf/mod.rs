//! Checks an INF against the rules of `InfVerif`, Windows and the driver store, as far as a
//! primitive driver can break them.
//!
//! `InfVerif` exists only on Windows, and checks more. On Linux, these rules find most of the
//! faults that it would report. Each rule names the page that demands it.

mod install;
mod references;
mod syntax;
#[cfg(test)]
mod tests;
mod version;

use std::fmt;

use self::syntax::Inf;

/// A rule for an INF.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    /// The code of `InfVerif`; `None` if its documentation has none.
    pub(super) code: Option<u16>,
    /// The page, below `learn.microsoft.com/windows-hardware/drivers/`.
    pub(super) page: &'static str,
}

/// A broken rule.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) rule: &'static Rule,
    /// The line in the file, from 1; 0 for the file as a whole.
    pub(super) line: usize,
    pub(super) detail: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { name, code, page } = self.rule;
        write!(f, "line {}: {} ({name}", self.line, self.detail)?;
        if let Some(code) = code {
            write!(f, ", InfVerif {code}")?;
        }
        write!(f, ": https://learn.microsoft.com/windows-hardware/drivers/{page})")
    }
}

/// The list that the checks write to.
type Faults = Vec<Fault>;

static READABLE: Rule =
    Rule { name: "readable", code: Some(1002), page: "install/general-syntax-rules-for-inf-files" };
static ENCODING: Rule =
    Rule { name: "encoding", code: Some(1003), page: "devtest/inf-validation-errors-and-warnings" };

/// All rules that a finished INF breaks.
pub(super) fn faults(text: &str) -> Faults {
    let mut faults = Vec::new();
    if let Some((line, _)) = (1..).zip(text.lines()).find(|(_, line)| !line.is_ascii()) {
        let detail = "is neither ASCII, which every code page has, nor UTF-16".to_owned();
        faults.push(Fault { rule: &ENCODING, line, detail });
    }
    let inf = Inf::parse(text);
    for &line in &inf.unreadable {
        let detail = "belongs to no section, or lacks a bracket or quotation mark".to_owned();
        faults.push(Fault { rule: &READABLE, line, detail });
    }
    version::check(&inf, &mut faults);
    install::check(&inf, &mut faults);
    references::check(&inf, &mut faults);
    faults
}
