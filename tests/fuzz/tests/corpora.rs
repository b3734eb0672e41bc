//! Runs every check on every input that the fuzzers have kept.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const LARGEST: u64 = 100 * 1024;

fn corpus(target: &str) -> PathBuf {
    Path::new("corpus").join(target)
}

/// Runs a check on each file of a corpus. Prints the path of a file that fails.
fn replay(target: &str, check: fn(&[u8])) {
    let mut files = 0;
    for entry in fs::read_dir(corpus(target)).expect(target) {
        let path = entry.expect(target).path();
        // Miri is a thousand times slower, so it checks only the seeds.
        let is_seed =
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"seed-"));
        if cfg!(miri) && !is_seed {
            continue;
        }
        let bytes = fs::read(&path).expect(target);
        if let Err(panic) = std::panic::catch_unwind(|| check(&bytes)) {
            eprintln!("the failing input is {}", path.display());
            std::panic::resume_unwind(panic);
        }
        files += 1;
    }
    assert!(files > 1, "{target} has no corpus");
}

#[test]
fn dispatch_keeps_its_contract() {
    replay("dispatch", sessionwatch_fuzz::dispatch);
}

#[test]
fn the_tool_withstands_every_recording() {
    replay("recording", sessionwatch_fuzz::recording);
}

#[test]
fn the_tool_withstands_every_reply() {
    replay("replies", sessionwatch_fuzz::replies);
}

#[test]
fn the_scenario_parser_means_what_it_accepts() {
    replay("scenario", sessionwatch_fuzz::scenario);
}

/// To update the seeds, run `cargo run --package sessionwatch-fuzz --example seeds`.
#[test]
fn the_seeds_are_what_they_stand_for() {
    for seed in sessionwatch_fuzz::seeds() {
        let file = corpus(seed.target).join(seed.name);
        assert!(
            fs::read(&file).is_ok_and(|bytes| bytes == seed.bytes),
            "out of date: {}",
            file.display()
        );
    }
    let named = sessionwatch_fuzz::seeds().into_iter().map(|seed| (seed.target, seed.name));
    assert_eq!(named.collect::<HashSet<_>>().len(), sessionwatch_fuzz::seeds().len());
}

#[test]
fn the_corpora_stay_small() {
    let files = ["dispatch", "recording", "replies", "scenario"].map(corpus).map(fs::read_dir);
    let sizes = files.into_iter().flat_map(|files| files.expect("a corpus"));
    let size: u64 = sizes.map(|file| file.expect("a file").metadata().expect("a size").len()).sum();
    assert!(size <= LARGEST, "{size} bytes: minimize the corpora with `cargo fuzz cmin`");
}
