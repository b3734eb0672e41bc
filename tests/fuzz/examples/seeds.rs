//! Writes the seeds of the fuzzers into `corpus`. Run it after a change of the wire contract or of
//! a scenario.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Set by `cargo run`. A path that was compiled in would point a copied checkout to the
    // original.
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?;
    for seed in sessionwatch_fuzz::seeds() {
        let folder = Path::new(&package).join("corpus").join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
