//! Checks the package that `package build` made on Linux, with independent programs:
//! `osslsigncode`, `openssl`, and a zip library.
//!
//! Ignored by default, because the package must be built first: `cargo make test-package`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use object::LittleEndian;
use object::pe::{IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT, ImageNtHeaders64};
use object::read::pe::{ImageThunkData as _, PeFile64};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

const NEEDS_PACKAGE: &str = "run `cargo make package` first";

/// The workspace's target folder. Cargo runs tests in the folder of their package.
fn target() -> PathBuf {
    Path::new("../../target").to_path_buf()
}

fn package(name: &str) -> PathBuf {
    target().join("package").join(name)
}

fn content(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}: {NEEDS_PACKAGE}", path.display()))
}

/// A folder for one test.
fn scratch(test: &str) -> PathBuf {
    let folder = target().join("tmp/package").join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(program: &str, arguments: &[&str], files: &[&Path]) -> Output {
    Command::new(program)
        .args(arguments)
        .args(files)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: run `cargo make setup`"))
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The shipped certificate, in PEM.
fn trusted(test: &str) -> PathBuf {
    let pem = scratch(test).join("certificate.pem");
    let converted = run(
        "openssl",
        &["x509", "-inform", "DER", "-in"],
        &[&package("sessionwatch.cer"), Path::new("-out"), &pem],
    );
    assert!(converted.status.success(), "{}", text(&converted));
    pem
}

/// Verifies the signature of a file, or of the catalogue that lists it.
fn verify(test: &str, file: &Path, catalogue: Option<&Path>) -> (bool, String) {
    let certificate = trusted(test);
    let mut files = vec![certificate.as_path(), Path::new("-in"), file];
    if let Some(catalogue) = catalogue {
        files.extend([Path::new("-catalog"), catalogue]);
    }
    let said = run("osslsigncode", &["verify", "-CAfile"], &files);
    (said.status.success(), text(&said))
}

/// Every octet string in the catalogue, in uppercase hexadecimal digits.
fn octet_strings() -> Vec<String> {
    let parsed =
        run("openssl", &["asn1parse", "-inform", "DER", "-in"], &[&package("sessionwatch.cat")]);
    assert!(parsed.status.success(), "{}", text(&parsed));
    text(&parsed)
        .lines()
        .filter_map(|line| line.split_once("OCTET STRING      [HEX DUMP]:"))
        .map(|(_, digits)| digits.to_owned())
        .collect()
}

fn digits(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// A copy with a changed byte in the middle.
fn damaged(test: &str, name: &str) -> PathBuf {
    let mut bytes = content(&package(name));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let path = scratch(test).join(name);
    fs::write(&path, bytes).unwrap();
    path
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_driver_and_the_catalogue_are_signed_by_the_certificate() {
    let test = "signed";
    for name in ["sessionwatch.sys", "sessionwatch.cat"] {
        let (is_good, said) = verify(test, &package(name), None);
        assert!(is_good && said.contains("Signature verification: ok"), "{said}");
        let (is_good, said) = verify(test, &damaged(test, name), None);
        assert!(!is_good, "the damaged {name} verifies: {said}");
    }
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_catalogue_lists_the_driver() {
    let catalogue = package("sessionwatch.cat");
    let (is_good, said) = verify("listed", &package("sessionwatch.sys"), Some(&catalogue));
    assert!(is_good && said.contains("File is signed in catalog"), "{said}");
    let (is_good, said) = verify("listed", &package("sessionwatch.exe"), Some(&catalogue));
    assert!(!is_good, "the catalogue lists the tool: {said}");
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_catalogue_has_the_hashes_of_driver_and_inf_and_no_other() {
    let inf = content(&package("sessionwatch.inf"));
    // The driver's hash according to osslsigncode, not to this crate.
    let (_, said) = verify("hashes", &package("sessionwatch.sys"), None);
    let digest = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("Calculated message digest"))
        .and_then(|rest| rest.split(':').nth(1))
        .unwrap_or_else(|| panic!("{said}"))
        .trim();

    let strings = octet_strings();
    let sha256 = [digest.to_owned(), digits(&Sha256::digest(&inf))];
    // Twice: as the entry's name, and in its `SpcIndirectDataContent`.
    for hash in &sha256 {
        assert_eq!(strings.iter().filter(|string| *string == hash).count(), 2, "{hash}");
    }
    assert!(strings.contains(&digits(&Sha1::digest(&inf))));
    let entries =
        |length: usize| strings.iter().filter(|string| string.len() == 2 * length).count();
    assert_eq!((entries(32), entries(20)), (2 * 2 + 1, 2), "{strings:#?}");
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_driver_without_its_signature_is_the_built_image() {
    let stripped = scratch("stripped").join("sessionwatch.sys");
    let _there_may_be_none = fs::remove_file(&stripped);
    let said = run(
        "osslsigncode",
        &["remove-signature", "-in"],
        &[&package("sessionwatch.sys"), Path::new("-out"), &stripped],
    );
    assert!(said.status.success(), "{}", text(&said));
    assert_eq!(content(&stripped), content(&target().join("driver/sessionwatch.sys")));
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_certificate_may_sign_code_and_nothing_else() {
    let certificate = trusted("certificate");
    let said = run("openssl", &["x509", "-noout", "-text", "-in"], &[&certificate]);
    let said = text(&said);
    for words in ["CA:FALSE", "Digital Signature\n", "Code Signing\n", "sha256WithRSAEncryption"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_zip_is_the_folder() {
    let name = concat!("sessionwatch-", env!("CARGO_PKG_VERSION"), "-amd64");
    let bytes = content(&target().join(format!("{name}.zip")));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let inside = file.name().unwrap().strip_prefix(&format!("{name}/")).unwrap().to_owned();
        let mut unpacked = Vec::new();
        std::io::copy(&mut file, &mut unpacked).unwrap();
        assert_eq!(unpacked, content(&package(&inside)), "{inside}");
        names.push(inside);
    }
    let expected = [
        "README.txt",
        "sessionwatch.cat",
        "sessionwatch.cer",
        "sessionwatch.exe",
        "sessionwatch.inf",
        "sessionwatch.js",
        "sessionwatch.sys",
        "sessionwatch_driver.pdb",
    ];
    assert_eq!(names, expected);
    assert_eq!(fs::read_dir(target().join("package")).unwrap().count(), expected.len());
}

/// Checks that `tests/kernel-api` compares every import of the driver.
#[test]
#[ignore = "needs the package: cargo make test-package"]
fn kernel_api_compares_every_import_of_the_driver() {
    let compared = include_str!("../../../tests/kernel-api/src/functions.rs");
    let left_out = ["DbgPrint", "EtwSetInformation", "memcpy", "memmove", "memset"];
    let driver = content(&target().join("driver/sessionwatch.sys"));
    let image = PeFile64::parse(&*driver).unwrap();
    let imports = image.import_table().unwrap().unwrap();
    let mut descriptors = imports.descriptors().unwrap();
    let mut names = Vec::new();
    while let Some(descriptor) = descriptors.next().unwrap() {
        if imports.name(descriptor.name.get(LittleEndian)).unwrap() != b"ntoskrnl.exe" {
            continue;
        }
        let table = descriptor.original_first_thunk.get(LittleEndian);
        let mut thunks = imports.thunks(table).unwrap();
        while let Some(thunk) = thunks.next::<ImageNtHeaders64>().unwrap() {
            let (_, name) = imports.hint_name(thunk.address()).unwrap();
            names.push(String::from_utf8(name.to_vec()).unwrap());
        }
    }
    assert!(names.len() > 10, "{names:?}");
    for name in names {
        let is_compared = compared.contains(&format!(" {name}("));
        assert!(is_compared || left_out.contains(&&*name), "{name} is not compared");
    }
}

/// The DLLs that the tool may import, and the reason: Windows looks for none of them in the tool's
/// folder. The tool loads every other DLL from System32 when it needs it.
const IMPORTS: [(&str, &str); 7] = [
    ("kernel32.dll", "a KnownDLL"),
    ("advapi32.dll", "a KnownDLL: service manager, registry, tokens, names of SIDs"),
    ("msvcrt.dll", "a KnownDLL: the C library of MinGW-w64"),
    ("user32.dll", "a KnownDLL: messages of the console, for the terminal view"),
    ("ws2_32.dll", "a KnownDLL: sockets of the standard library"),
    ("ntdll.dll", "in every process before the loader looks for a DLL"),
    ("api-ms-win-core-synch-l1-2-0.dll", "an API set, which the loader maps to a DLL by a table"),
];

#[test]
#[ignore = "needs the package: cargo make test-package"]
fn the_tool_imports_no_dll_that_could_be_planted_beside_it() {
    let tool = content(&package("sessionwatch.exe"));
    let image = PeFile64::parse(&*tool).unwrap();
    let table = image.import_table().unwrap().expect("the tool has imports");
    let mut imports = table.descriptors().unwrap();
    let mut names = Vec::new();
    while let Some(import) = imports.next().unwrap() {
        let name = table.name(import.name.get(LittleEndian)).unwrap();
        names.push(str::from_utf8(name).unwrap().to_lowercase());
    }
    let is_allowed = |name: &String| IMPORTS.iter().any(|(allowed, _)| name == allowed);
    let others: Vec<_> = names.iter().filter(|name| !is_allowed(name)).collect();
    assert!(others.is_empty(), "load these with `sessionwatch_system32::functions!`: {others:?}");
    // The reasons above are for imports that exist.
    let is_imported = |(allowed, _): &&(&str, &str)| names.iter().any(|name| name == allowed);
    assert_eq!(IMPORTS.iter().filter(is_imported).count(), IMPORTS.len(), "{names:?}");
    let delayed = image.data_directory(IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT);
    let has_delayed = delayed.is_some_and(|table| table.size.get(LittleEndian) != 0);
    assert!(!has_delayed, "a delayed import is looked for like any other");
}
