//! The rooms of the KMDF host import each other in one direction.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

/// The rooms, lowest first. A room imports itself and those before it.
const ROOMS: [&str; 4] = ["watch", "machine", "framework", "io"];

#[test]
fn a_room_of_the_host_imports_only_lower_rooms() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("kmdf-host/src");
    let mut upward = Vec::new();
    for (floor, room) in ROOMS.iter().enumerate() {
        for file in fs::read_dir(source.join(room)).unwrap() {
            let file = file.unwrap().path();
            let text = fs::read_to_string(&file).unwrap();
            for path in text.split("crate::").skip(1) {
                if !ROOMS[..=floor].iter().any(|lower| path.starts_with(&format!("{lower}::"))) {
                    let line = path.lines().next().unwrap_or_default();
                    upward.push(format!("{}: crate::{line}", file.display()));
                }
            }
        }
    }
    assert_eq!(upward, Vec::<String>::new());
}
