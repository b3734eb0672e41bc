//! Writes the seeds of the fuzzers into `corpus`: run it after a change of the
//! wire contract or of a scenario.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    for seed in sessionwatch_fuzz::seeds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(seed.target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}
