//! Packages on Linux: openkit builds, and a module of this crate replaces each program of the kit.
//!
//! | Here | On Windows |
//! |---|---|
//! | `stamp` | `stampinf` |
//! | `inf` | `infverif` |
//! | `certificate` | `makecert` |
//! | `signature` | `signtool` |
//! | `catalog` | `inf2cat` |

mod archive;
mod catalog;
mod certificate;
mod inf;
mod needs;
mod signature;
mod stamp;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use openkit::files::{copy_if_changed, write_if_changed};
use openkit::{Hint as _, Profile, Project, driver, setup, user};

use self::catalog::Member;
use self::certificate::TestCertificate;
use crate::places::Places;
use crate::product::{
    CATALOGUE, CERTIFICATE, DRIVER, DRIVER_MANIFEST, INF, INF_SOURCE, NAME, READ_ME, SCRIPT,
    SCRIPT_FOLDER, SYMBOLS, TOOL, TOOL_PACKAGE, VERSION, read_me,
};

/// The driver's processor architecture, as an INF spells it.
const ARCHITECTURE: &str = "amd64";

/// Lists the needs of the build, of packaging and of the tests.
///
/// # Errors
///
/// The current folder is not in the product's workspace.
pub fn check() -> Result<ExitCode> {
    Ok(setup::check(Places::on_linux()?.workspace(), &needs::own()))
}

/// Installs the missing needs.
///
/// # Errors
///
/// The current folder is not in the product's workspace, or a need cannot be installed.
pub fn setup() -> Result<ExitCode> {
    setup::run(Places::on_linux()?.workspace(), &needs::own())
}

/// Builds driver and tool, and packages them. A second run changes nothing: a file with the same
/// content keeps its age.
///
/// # Errors
///
/// A part cannot be built, the INF breaks a rule, or a file cannot be written.
pub fn build() -> Result<ExitCode> {
    let places = Places::on_linux()?;
    let workspace = places.workspace();
    let project = Project::find(Some(&places.source(DRIVER_MANIFEST)), None)?;
    let image = places.target().join("driver").join(DRIVER);
    let driver = driver::build(&project, &Profile::release(), Some(image))?;
    let tool = ["build", "--locked", "--release", "--package", TOOL_PACKAGE].map(String::from);
    let built = user::cargo(workspace, &tool)?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }

    let (folder, work) = (places.package(), workspace.generated().join("packaging"));
    for folder in [&folder, &work] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    write_if_changed(
        &places.file(INF),
        stamped_inf(&places.source(INF_SOURCE), today)?.as_bytes(),
    )?;
    copy_if_changed(&user::release_folder(workspace).join(TOOL), &places.file(TOOL))?;
    copy_if_changed(&driver.symbols, &places.file(SYMBOLS))?;
    copy_if_changed(&places.source(SCRIPT_FOLDER).join(SCRIPT), &places.file(SCRIPT))?;
    write_if_changed(&places.file(READ_ME), read_me().as_bytes())?;

    let certificate = TestCertificate::obtain(&places.target().join("certificate"))?;
    write_if_changed(&places.file(CERTIFICATE), &certificate.to_der()?)?;
    let signed = work.join(DRIVER);
    signature::sign(&certificate, &driver.image, &signed)?;
    copy_if_changed(&signed, &places.file(DRIVER))?;

    let members = [member(&folder, DRIVER)?, member(&folder, INF)?];
    let (unsigned, signed) = (work.join("unsigned.cat"), work.join(CATALOGUE));
    write_if_changed(&unsigned, &catalog::encode(&members, midnight(today)?)?)?;
    signature::sign(&certificate, &unsigned, &signed)?;
    copy_if_changed(&signed, &places.file(CATALOGUE))?;

    let name = format!("{NAME}-{VERSION}-{ARCHITECTURE}");
    let archive = folder.with_file_name(format!("{name}.zip"));
    write_if_changed(&archive, &archive::zip(&folder, &name, today)?)?;
    println!("{}\n{}", folder.display(), archive.display());
    Ok(ExitCode::SUCCESS)
}

fn stamped_inf(source: &Path, date: Date) -> Result<String> {
    let shown = source.display();
    let inx = fs::read_to_string(source).with_context(|| format!("cannot read {shown}"))?;
    let stamped = stamp::stamp(&inx, date, VERSION, ARCHITECTURE)
        .with_context(|| format!("cannot stamp {shown}"))?;
    let faults: Vec<_> = inf::faults(&stamped).iter().map(inf::Fault::to_string).collect();
    if faults.is_empty() {
        return Ok(stamped);
    }
    Err(anyhow!("{shown} breaks rules:\n{}", faults.join("\n")))
        .hint("each line names the page of its rule")
}

fn member(folder: &Path, name: &str) -> Result<Member> {
    let path = folder.join(name);
    let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Member::new(name, &content).with_context(|| format!("cannot list {}", path.display()))
}

/// The beginning of a day, in the type of catalogues.
fn midnight(day: Date) -> Result<der::DateTime> {
    let (month, day_of_month) = (day.month().unsigned_abs(), day.day().unsigned_abs());
    Ok(der::DateTime::new(u16::try_from(day.year())?, month, day_of_month, 0, 0, 0)?)
}
