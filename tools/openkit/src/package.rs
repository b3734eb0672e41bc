//! `openkit package`: the folder of the files that are shipped, signed for test
//! machines, and the same as one zip.

mod archive;
mod catalog;
mod certificate;
mod signature;
pub(crate) mod stamp;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::catalog::Member;
use self::certificate::TestCertificate;
use crate::files::{copy_if_changed, write_if_changed};
use crate::profile::Profile;
use crate::project::Project;
use crate::{driver, inf, user};

/// The version in the INF: the workspace's, which this program shares.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What an INF calls the processors that the driver is built for.
const ARCHITECTURE: &str = "amd64";

/// What is for the person who unpacks the zip.
const READ_ME: &str = include_str!("package/README.txt");

/// Builds driver and tool and makes the package of them. Does nothing twice:
/// what would come out the same is left as it is.
/// # Errors
///
/// A part cannot be built, or a file cannot be written.
pub fn build() -> Result<ExitCode> {
    let project = Project::find(None, Some("sessionwatch-driver"))?;
    let workspace = project.workspace();
    let image = workspace.target().join("driver/sessionwatch.sys");
    let driver = driver::build(&project, &Profile::release(), Some(image))?;
    let tool = ["build", "--locked", "--release", "--package", "sessionwatch"].map(String::from);
    let built = user::cargo(workspace, &tool)?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }

    let (folder, work) =
        (workspace.target().join("package"), workspace.generated().join("packaging"));
    for folder in [&folder, &work] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let inf = stamped_inf(&workspace.root().join("inf/sessionwatch.inx"), today)?;
    write_if_changed(&folder.join("sessionwatch.inf"), inf.as_bytes())?;
    let built = user::release_folder(workspace);
    copy_if_changed(&built.join("sessionwatch.exe"), &folder.join("sessionwatch.exe"))?;
    let symbols = driver.symbols.file_name().unwrap_or_default();
    copy_if_changed(&driver.symbols, &folder.join(symbols))?;
    let script = "sessionwatch.js";
    copy_if_changed(&workspace.root().join("docs").join(script), &folder.join(script))?;
    write_if_changed(&folder.join("README.txt"), lines_of_windows(READ_ME).as_bytes())?;

    let certificate = TestCertificate::obtain(&workspace.target().join("certificate"))?;
    write_if_changed(&folder.join("sessionwatch.cer"), &certificate.to_der()?)?;
    let signed = work.join("sessionwatch.sys");
    signature::sign(&certificate, &driver.image, &signed)?;
    copy_if_changed(&signed, &folder.join("sessionwatch.sys"))?;

    let members = [member(&folder, "sessionwatch.sys")?, member(&folder, "sessionwatch.inf")?];
    let (unsigned, signed) = (work.join("unsigned.cat"), work.join("sessionwatch.cat"));
    write_if_changed(&unsigned, &catalog::encode(&members, midnight(today)?)?)?;
    signature::sign(&certificate, &unsigned, &signed)?;
    copy_if_changed(&signed, &folder.join("sessionwatch.cat"))?;

    let name = format!("sessionwatch-{VERSION}-{ARCHITECTURE}");
    let archive = folder.with_file_name(format!("{name}.zip"));
    write_if_changed(&archive, &archive::zip(&folder, &name, today)?)?;
    println!("{}\n{}", folder.display(), archive.display());
    Ok(ExitCode::SUCCESS)
}

fn stamped_inf(source: &Path, date: Date) -> Result<String> {
    let inx =
        fs::read_to_string(source).with_context(|| format!("cannot read {}", source.display()))?;
    let stamped = stamp::stamp(&inx, date, VERSION, ARCHITECTURE)
        .with_context(|| format!("in {}", source.display()))?;
    let faults: Vec<_> = inf::faults(&stamped).iter().map(inf::Fault::to_string).collect();
    if !faults.is_empty() {
        bail!("{} breaks rules:\n{}", source.display(), faults.join("\n"));
    }
    Ok(stamped)
}

fn member(folder: &Path, name: &str) -> Result<Member> {
    let path = folder.join(name);
    let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Member::new(name, &content).with_context(|| format!("in {}", path.display()))
}

/// The beginning of a day, as catalogues have it.
fn midnight(day: Date) -> Result<der::DateTime> {
    let (month, day_of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    Ok(der::DateTime::new(u16::try_from(day.year())?, month, day_of_month, 0, 0, 0)?)
}

fn lines_of_windows(text: &str) -> String {
    text.lines().flat_map(|line| [line, "\r\n"]).collect()
}
