//! The exact messages for projects that this kit cannot build. openkit rejects them before it looks
//! for tools, so these tests run on any machine.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// The manifest of a package with a cdylib, up to its metadata.
const DRIVER: &str = r#"
[package]
name = "other"
version = "1.0.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]
"#;

/// Runs `openkit` in a folder, and replaces the folder's path in the output by FOLDER.
fn openkit(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(test_programs::built("openkit"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"", "openkit built something");
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said.replace(&*folder.to_string_lossy(), "FOLDER"))
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A project with one package, which has this manifest.
fn project(manifest: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", manifest);
    write(folder.path(), "src/lib.rs", "");
    folder
}

fn project_with_model(model: &str) -> TempDir {
    project(&format!("{DRIVER}\n[package.metadata.wdk.driver-model]\n{model}"))
}

#[track_caller]
fn rejects(folder: &TempDir, arguments: &[&str], words: &str) {
    for command in ["driver", "lint"] {
        let arguments = [&[command], arguments].concat();
        assert_eq!(openkit(folder.path(), &arguments), (1, format!("{words}\n")), "{arguments:?}");
    }
}

#[test]
fn a_driver_for_another_framework() {
    rejects(
        &project_with_model(
            "driver-type = 'UMDF'\numdf-version-major = 2\ntarget-umdf-version-minor = 33",
        ),
        &[],
        "error: cannot build other (FOLDER/Cargo.toml): it is a UMDF 2.33 driver, and openkit builds KMDF drivers only\n\
         hint: build it on Windows, with the Windows Driver Kit",
    );
    rejects(
        &project_with_model("driver-type = 'WDM'"),
        &[],
        "error: cannot build other (FOLDER/Cargo.toml): it is a WDM driver, and openkit builds KMDF drivers only\n\
         hint: build it on Windows, with the Windows Driver Kit",
    );
}

#[test]
fn a_version_of_the_framework_without_headers() {
    rejects(
        &project_with_model(
            "driver-type = 'KMDF'\nkmdf-version-major = 1\ntarget-kmdf-version-minor = 33",
        ),
        &[],
        "error: cannot build other (FOLDER/Cargo.toml): it asks for KMDF 1.33, and openkit has headers of KMDF 1.31 only\n\
         hint: ask for KMDF 1.31 in [package.metadata.wdk.driver-model], or build with the Windows Driver Kit",
    );
}

#[test]
fn a_package_that_is_not_a_driver() {
    rejects(
        &project(DRIVER),
        &[],
        "error: cannot build other (FOLDER/Cargo.toml): it is not a driver: its workspace has no [package.metadata.wdk.driver-model]\n\
         hint: name a driver with --manifest-path, or add the section for KMDF 1.31",
    );
}

/// A library can be linted for kernel mode, but makes no image.
#[test]
fn a_driver_without_an_image() {
    let model = "driver-type = 'KMDF'\nkmdf-version-major = 1\ntarget-kmdf-version-minor = 31";
    let manifest = DRIVER.replace("cdylib", "rlib");
    let folder = project(&format!("{manifest}\n[package.metadata.wdk.driver-model]\n{model}"));
    assert_eq!(
        openkit(folder.path(), &["driver"]),
        (
            1,
            "error: cannot build other (FOLDER/Cargo.toml): it is not a driver: it has no cdylib\n\
             hint: a driver's manifest has [lib] with crate-type = [\"cdylib\"]\n"
                .to_owned()
        )
    );
}

#[test]
fn a_malformed_section() {
    for (model, why) in [
        (
            "driver-type = 'KMDF'\nkmdf-version-major = 1",
            "missing field `target-kmdf-version-minor`",
        ),
        ("kmdf-version-major = 1", "missing field `driver-type`"),
        ("driver-type = 'NDIS'", "unknown variant `NDIS`, expected one of `WDM`, `KMDF`, `UMDF`"),
    ] {
        rejects(
            &project_with_model(model),
            &[],
            &format!(
                "error: cannot build other (FOLDER/Cargo.toml): the driver-model section of other is not valid: {why}\n\
                 hint: for KMDF, set driver-type, kmdf-version-major and target-kmdf-version-minor"
            ),
        );
    }
}

#[test]
fn a_workspace_of_several_models() {
    let folder = project_with_model("driver-type = 'WDM'");
    let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    let kmdf = "driver-type = 'KMDF'\nkmdf-version-major = 1\ntarget-kmdf-version-minor = 31";
    let workspace =
        format!("[workspace]\n[workspace.metadata.wdk.driver-model]\n{kmdf}\n{manifest}");
    write(folder.path(), "Cargo.toml", &workspace);
    rejects(
        &folder,
        &[],
        "error: cannot build other (FOLDER/Cargo.toml): its workspace asks for several driver models, such as WDM and KMDF 1.31\n\
         hint: wdk-build takes one for a workspace: give each model a workspace of its own",
    );
}

#[test]
fn a_workspace_without_a_selected_package() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.toml", "[workspace]\nresolver = '3'\nmembers = ['one', 'two']\n");
    for name in ["one", "two"] {
        let manifest = DRIVER.replace("other", name);
        let section = "[package.metadata.wdk.driver-model]\ndriver-type = 'WDM'\n";
        write(folder.path(), &format!("{name}/Cargo.toml"), &format!("{manifest}\n{section}"));
        write(folder.path(), &format!("{name}/src/lib.rs"), "");
    }
    rejects(
        &folder,
        &[],
        "error: no driver chosen: FOLDER is a workspace of several packages\n\
         hint: choose a driver: --package one or --package two",
    );
    rejects(
        &folder,
        &["--package", "three"],
        "error: the workspace FOLDER has no package three\n\
         hint: choose a driver: --package one or --package two",
    );
    // A name, a manifest or a folder below it selects the package.
    let of_two = "cannot build two (FOLDER/two/Cargo.toml)";
    for arguments in [["--package", "two"], ["--manifest-path", "two/Cargo.toml"]] {
        let (_, said) = openkit(folder.path(), &[&["driver"], &arguments[..]].concat());
        assert!(said.contains(of_two), "{said}");
    }
    let (_, said) = openkit(&folder.path().join("two/src"), &["driver"]);
    assert!(said.contains("cannot build two ("), "{said}");
}

/// The test checks only parts of the reason, because cargo's words differ between versions.
#[test]
fn a_file_that_is_not_a_manifest() {
    let folder = project("");
    for (manifest, why) in [("this is no manifest\n", "`=`"), ("[odd]\n", "`[package]`")] {
        write(folder.path(), "Cargo.toml", manifest);
        let (code, said) = openkit(folder.path(), &["driver", "--manifest-path", "Cargo.toml"]);
        assert_eq!(code, 1, "{said}");
        let lines: Vec<&str> = said.lines().collect();
        assert!(
            lines[0].starts_with("error: Cargo.toml is not a usable Cargo manifest: "),
            "{said}"
        );
        assert!(lines[0].contains(why), "{said}");
        let hint = "hint: correct it, or name another manifest with --manifest-path";
        assert_eq!(lines[1..], [hint], "{said}");
    }
    rejects(
        &folder,
        &["--manifest-path", "src/lib.rs"],
        "error: src/lib.rs is not a Cargo manifest: its name is not Cargo.toml\n\
         hint: name the Cargo.toml of a driver with --manifest-path",
    );
}

#[test]
fn a_path_without_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    rejects(
        &folder,
        &[],
        "error: cannot find a project to build: could not find `Cargo.toml` in `FOLDER` or any parent directory\n\
         hint: run this in the driver's folder, or name its manifest with --manifest-path",
    );
    rejects(
        &folder,
        &["--manifest-path", "gone/Cargo.toml"],
        "error: cannot read gone/Cargo.toml: there is no such file\n\
         hint: name the Cargo.toml of a driver with --manifest-path",
    );
    rejects(
        &folder,
        &["--manifest-path", "."],
        "error: cannot read .: it is a folder\n\
         hint: name the manifest in it: --manifest-path ./Cargo.toml",
    );
}
