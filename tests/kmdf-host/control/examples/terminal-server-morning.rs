//! Writes `tests/scenarios/terminal-server-morning.json`.

#[path = "../tests/terminal_server/mod.rs"]
mod terminal_server;

fn main() {
    print!("{}", terminal_server::morning());
}
