//! Suggestions for commands that do not exist. clap suggests commands only by similarity, such as
//! `tls` for `list`.

use std::ffi::OsString;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Arguments;

/// Words that people try first, and the commands that they mean.
const MEANT: &[(&[&str], &[&str])] = &[
    (&["list", "ls", "who", "users", "session", "quser", "query"], &["sessions"]),
    (&["show", "print", "dump", "cat", "get", "events", "log", "journal"], &["read", "explain"]),
    (&["tail", "stream", "monitor"], &["follow", "live"]),
    (&["watch", "top", "view", "ui"], &["live", "follow"]),
    (&["history", "last", "summary", "report", "stats"], &["explain"]),
    (&["check", "diagnose", "health", "test"], &["doctor"]),
    (&["info", "state", "driver"], &["status"]),
    (&["install", "start", "stop", "remove", "uninstall"], &["service"]),
    (&["capture", "save", "export"], &["record"]),
    (&["replay", "play"], &["read", "live"]),
    (&["completion", "complete"], &["completions"]),
    (&["manual"], &["man"]),
    (&["shares", "net"], &["smb"]),
    (&["ssl", "schannel"], &["tls"]),
];

/// Parses a command line.
///
/// # Errors
///
/// clap's error, with a suggestion that fits the word.
pub fn parse<T: Into<OsString> + Clone>(
    words: impl IntoIterator<Item = T>,
) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(words).map_err(|mut error| {
        if error.kind() == ErrorKind::InvalidSubcommand {
            suggest(&mut error);
        }
        error
    })
}

fn suggest(error: &mut clap::Error) {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let word = word.to_lowercase();
    if word == "version" {
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::SuggestedArg, ContextValue::String("--version".to_owned()));
        return;
    }
    if let Some((_, commands)) = MEANT.iter().find(|(words, _)| words.contains(&word.as_str())) {
        let commands = commands.iter().map(|command| (*command).to_owned()).collect();
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(commands));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use clap::CommandFactory;

    use super::*;

    fn tip(word: &str) -> String {
        let error = parse(["sessionwatch", word]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        error.to_string()
    }

    #[test]
    fn a_wrong_word_gets_the_intended_command() {
        for (word, meant) in [
            ("list", "'sessions'"),
            ("tail", "'follow', 'live'"),
            ("rea", "'read'"),
            ("version", "'--version'"),
        ] {
            let tip = tip(word);
            assert!(tip.contains(meant), "{word}: {tip}");
            assert!(!tip.contains("'tls'"), "{word}: {tip}");
        }
    }

    #[test]
    fn every_suggestion_is_a_command_and_no_word_is() {
        let tool = Arguments::command();
        let is_command = |word: &str| tool.find_subcommand(word).is_some();
        let mut words = HashSet::new();
        for (wrong, meant) in MEANT {
            assert!(meant.iter().all(|command| is_command(command)), "{meant:?}");
            assert!(wrong.iter().all(|word| words.insert(*word) && !is_command(word)), "{wrong:?}");
        }
    }
}
