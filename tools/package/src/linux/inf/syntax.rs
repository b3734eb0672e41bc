//! Parses an INF into sections, lines, values and strings.
//!
//! <https://learn.microsoft.com/windows-hardware/drivers/install/general-syntax-rules-for-inf-files>

use std::collections::BTreeMap;

/// One line of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of its first line in the file, from 1.
    pub(super) number: usize,
    /// The text before the equals sign. `None` without an equals sign.
    pub(super) key: Option<String>,
    /// The text after the equals sign, or else the whole line, split at its commas.
    pub(super) values: Vec<String>,
}

impl Line {
    /// The value at an index. Empty beyond the last value.
    pub(super) fn value(&self, place: usize) -> &str {
        self.values.get(place).map_or("", String::as_str)
    }

    pub(super) fn is(&self, key: &str) -> bool {
        self.key.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(key))
    }
}

/// A section. If it has several parts, they are joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// The name, as first written.
    pub(super) name: String,
    /// The number of its first line in the file, from 1.
    pub(super) number: usize,
    pub(super) lines: Vec<Line>,
}

impl Section {
    /// The lines with this key.
    pub(super) fn entries<'own>(&'own self, key: &'own str) -> impl Iterator<Item = &'own Line> {
        self.lines.iter().filter(move |line| line.is(key))
    }

    /// The first value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.lines.iter().find(|line| line.is(key)).map(|line| line.value(0))
    }
}

/// An INF. The names of sections and keys are case-insensitive.
#[derive(Debug, Default)]
pub(super) struct Inf {
    sections: BTreeMap<String, Section>,
    /// The numbers of lines outside any section and of malformed lines.
    pub(super) unreadable: Vec<usize>,
}

impl Inf {
    pub(super) fn parse(text: &str) -> Self {
        let mut inf = Self::default();
        let mut current: Option<String> = None;
        for (number, text) in joined_lines(text) {
            let Some(text) = without_comment(&text) else {
                inf.unreadable.push(number);
                continue;
            };
            if text.is_empty() {
                continue;
            }
            if let Some(name) = text.strip_prefix('[') {
                let Some(name) = name.strip_suffix(']') else {
                    inf.unreadable.push(number);
                    continue;
                };
                let key = name.to_ascii_lowercase();
                inf.sections.entry(key.clone()).or_insert_with(|| Section {
                    name: name.to_owned(),
                    number,
                    lines: Vec::new(),
                });
                current = Some(key);
                continue;
            }
            match current.as_ref().and_then(|key| inf.sections.get_mut(key)) {
                Some(section) => section.lines.push(line(number, text)),
                None => inf.unreadable.push(number),
            }
        }
        inf
    }

    pub(super) fn section(&self, name: &str) -> Option<&Section> {
        self.sections.get(&name.to_ascii_lowercase())
    }

    pub(super) fn sections(&self) -> impl Iterator<Item = &Section> {
        self.sections.values()
    }

    /// A value with its `%tokens%` replaced. Directory identifiers, and tokens that are not in
    /// `[Strings]`, stay.
    pub(super) fn expand(&self, value: &str) -> String {
        let strings = self.section("Strings");
        tokens(value)
            .map(|part| match part {
                Part::Text(text) => text.to_owned(),
                Part::Token(token) => strings
                    .and_then(|strings| strings.value(token))
                    .map_or_else(|| format!("%{token}%"), str::to_owned),
            })
            .collect()
    }
}

/// A piece of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'value> {
    Text(&'value str),
    /// The text between two percent signs.
    Token(&'value str),
}

/// The pieces of a value. Two percent signs in a row are a literal one.
pub(super) fn tokens(value: &str) -> impl Iterator<Item = Part<'_>> {
    value.split('%').enumerate().map(|(place, piece)| match (place % 2, piece) {
        (0, text) => Part::Text(text),
        (_, "") => Part::Text("%"),
        (_, token) => Part::Token(token),
    })
}

/// The lines of a text. A backslash at the end joins a line with the next one.
fn joined_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        let (line, next) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        match lines.last_mut() {
            Some((_, last)) if continues => last.push_str(line),
            _ => lines.push((number, line.to_owned())),
        }
        continues = next;
    }
    lines
}

/// The text before the first semicolon outside of quotation marks. `None` if a quotation
/// does not end.
fn without_comment(line: &str) -> Option<&str> {
    let mut is_quoted = false;
    for (place, character) in line.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => return Some(line[..place].trim()),
            _ => {}
        }
    }
    (!is_quoted).then(|| line.trim())
}

fn line(number: usize, text: &str) -> Line {
    let (key, rest) = match split_unquoted(text, '=', 2).as_slice() {
        [key, rest] => (Some(unquoted(key)), rest.clone()),
        _ => (None, text.to_owned()),
    };
    let values = split_unquoted(&rest, ',', usize::MAX);
    Line { number, key, values: values.iter().map(|value| unquoted(value)).collect() }
}

/// Splits at each unquoted occurrence of a character, into at most `pieces` pieces.
fn split_unquoted(text: &str, at: char, pieces: usize) -> Vec<String> {
    let mut is_quoted = false;
    let mut parts = vec![String::new()];
    for character in text.chars() {
        is_quoted ^= character == '"';
        if character == at && !is_quoted && parts.len() < pieces {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(character);
        }
    }
    parts
}

/// Removes the quotation marks around a value. Two marks inside are a literal one.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only_line(text: &str) -> Line {
        let inf = Inf::parse(&format!("[S]\n{text}"));
        assert_eq!(inf.unreadable, [0; 0]);
        inf.section("s").unwrap().lines[0].clone()
    }

    #[test]
    fn values_are_split_at_commas_that_are_not_quoted() {
        let line = only_line("Key = a, \"b, c\", , \"say \"\"d\"\"; e\" ; why");
        assert_eq!(line.key.as_deref(), Some("Key"));
        assert_eq!(line.values, ["a", "b, c", "", "say \"d\"; e"]);
        assert_eq!(line.value(9), "");
    }

    #[test]
    fn a_line_without_an_equals_sign_has_values_only() {
        assert_eq!(only_line("HKR, Parameters, \"a=b\"").values, ["HKR", "Parameters", "a=b"]);
        assert_eq!(only_line("x.sys").key, None);
    }

    #[test]
    fn a_backslash_at_the_end_continues_a_line() {
        let line = only_line("Key = a, \\\n  b");
        assert_eq!((line.number, line.values.join("+")), (2, "a+b".to_owned()));
    }

    #[test]
    fn parts_of_a_section_are_joined_whatever_their_case() {
        let inf = Inf::parse("[Abc]\na = 1\n[x]\n[aBC]\nb = 2\n");
        assert_eq!(inf.section("ABC").unwrap().lines.len(), 2);
        assert_eq!(inf.sections().count(), 2);
    }

    #[test]
    fn malformed_lines_are_reported() {
        assert_eq!(Inf::parse("stray\n[S\n[T]\nk = \"open\n").unreadable, [1, 2, 4]);
    }

    #[test]
    fn tokens_are_replaced_but_directories_and_double_signs_are_not() {
        let inf = Inf::parse("[Strings]\nName = \"a b\"\n");
        assert_eq!(inf.expand("%13%\\%name%, 5%%, %none%"), "%13%\\a b, 5%, %none%");
    }
}
