//! Builds a second driver outside of this checkout, because openkit knows no particular product.
//!
//! The sources are in `tests/hello-driver`. The build stays in this checkout's target folder, so
//! that only the first run takes minutes.
#![cfg(unix)]

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::SystemTime;
use std::{env, fs};

/// The root of this checkout. Cargo runs tests in the folder of their package.
fn checkout() -> PathBuf {
    Path::new("../..").canonicalize().unwrap()
}

/// The driver's project, removed at the end.
struct Project {
    folder: PathBuf,
}

impl Project {
    /// Each run uses the same folder name, because cargo would rebuild under another name.
    fn new() -> Self {
        let checkout = checkout();
        let mut hasher = DefaultHasher::new();
        checkout.hash(&mut hasher);
        let folder = env::temp_dir().join(format!("openkit-hello-driver-{:016x}", hasher.finish()));
        let _there_may_be_none = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        for (source, target) in
            [("manifest.toml", "Cargo.toml"), ("build.rs", "build.rs"), ("lib.rs", "src/lib.rs")]
        {
            copy_with_time(&Path::new("tests/hello-driver").join(source), &folder.join(target));
        }
        copy_with_time(&checkout.join("Cargo.lock"), &folder.join("Cargo.lock"));
        let target = checkout.join("target/tmp/hello-driver");
        fs::create_dir_all(&target).unwrap();
        symlink(target, folder.join("target")).unwrap();
        let project = Self { folder };
        project.adapt_lock();
        project
    }

    /// Removes the packages that this driver does not use from the copied lock file. All versions
    /// stay, so cargo downloads nothing.
    fn adapt_lock(&self) {
        let output = Command::new(env::var_os("CARGO").unwrap())
            .args(["update", "--offline", "--workspace"])
            .current_dir(&self.folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output));
    }

    fn openkit(&self, arguments: &[&str]) -> Output {
        Command::new(test_programs::built("openkit"))
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .unwrap()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _what_is_left_is_replaced_next_time = fs::remove_dir_all(&self.folder);
    }
}

/// Copies a file with its modification time. To cargo, a newer file has changed.
fn copy_with_time(source: &Path, target: &Path) {
    fs::copy(source, target).unwrap();
    let copy = fs::File::options().write(true).open(target).unwrap();
    copy.set_modified(fs::metadata(source).unwrap().modified().unwrap()).unwrap();
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// The modification times of this checkout's own images and kit. Another driver's build must not
/// change them.
fn own_times() -> Vec<Option<SystemTime>> {
    ["driver", "package", "openkit/kit", "openkit/kit.stamp", "openkit/cargo-kernel"]
        .map(|file| fs::metadata(checkout().join("target").join(file)).ok()?.modified().ok())
        .into()
}

#[test]
#[ignore = "needs the kit: cargo make test-openkit"]
fn a_driver_of_another_workspace_is_built_there_and_nowhere_else() {
    let own = own_times();
    let project = Project::new();
    let output = project.openkit(&["driver"]);
    assert!(output.status.success(), "{}", text(&output));

    let image = project.path("target/driver/hello_driver.sys");
    let said = text(&output);
    assert!(said.contains(&format!("{}\n", image.display())), "{said}");
    assert!(said.contains("entry is   FxDriverEntry"), "{said}");
    assert!(said.contains("ntoskrnl.exe: DbgPrint KeBugCheckEx RtlCopyUnicodeString\n"), "{said}");
    assert!(said.contains("WDFLDR.SYS: WdfVersionBind WdfVersionUnbind\n"), "{said}");
    assert!(project.path("target/driver/hello_driver.pdb").exists());
    let inspected = project.openkit(&["inspect", &image.to_string_lossy()]);
    assert!(inspected.status.success(), "{}", text(&inspected));

    let modified = || fs::metadata(&image).unwrap().modified().unwrap();
    let first = modified();
    let again = project.openkit(&["driver", "--package", "hello-driver"]);
    assert!(again.status.success(), "{}", text(&again));
    assert!(!text(&again).contains("Compiling"), "built again: {}", text(&again));
    assert_eq!(modified(), first);
    assert_eq!(own_times(), own);
}

#[test]
#[ignore = "needs the kit: cargo make test-openkit"]
fn a_mistake_in_the_driver_is_an_error_of_its_build() {
    let project = Project::new();
    fs::write(project.path("src/lib.rs"), "#![no_std]\nextern crate wdk_panic;\nmistake!();\n")
        .unwrap();
    let output = project.openkit(&["driver", "--manifest-path", "Cargo.toml"]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot find macro `mistake`"), "{said}");
    assert!(said.ends_with("\nhint: cargo's messages above say why\n"), "{said}");
}
