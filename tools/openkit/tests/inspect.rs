//! Runs `openkit inspect` on images that each test links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The options of a driver.
const DRIVER: [&str; 2] = ["/DRIVER", "/SUBSYSTEM:NATIVE"];

/// Links images in a temporary folder.
struct Linker {
    llvm: PathBuf,
    folder: TempDir,
}

impl Linker {
    fn new() -> Self {
        let llvm = fs::read_dir("/usr/lib")
            .expect("the folder of LLVM's versions can be read")
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| {
                ["clang", "lld-link", "llvm-dlltool"].iter().all(|name| bin.join(name).exists())
            })
            .max()
            .expect("`openkit setup` has installed LLVM");
        let folder = tempfile::tempdir().expect("the folder can be made");
        Self { llvm, folder }
    }

    /// An image that imports one routine of `module`.
    fn link(&self, module: &str, options: &[&str]) -> PathBuf {
        let write = |name: &str, text: &str| {
            fs::write(self.folder.path().join(name), text).expect("the source can be written");
        };
        write(
            "entry.c",
            "__declspec(dllimport) int Routine(void *);\n\
             static void *itself = &itself;\n\
             int FxDriverEntry(void) { return Routine(itself); }\n",
        );
        write("import.def", &format!("LIBRARY {module}\nEXPORTS\nRoutine\n"));
        self.run("clang", &["--target=x86_64-pc-windows-msvc", "-c", "entry.c", "-o", "entry.obj"]);
        self.run("llvm-dlltool", &["-m", "i386:x86-64", "-d", "import.def", "-l", "import.lib"]);
        let always = ["/NODEFAULTLIB", "/ENTRY:FxDriverEntry", "/RELEASE", "/OUT:image.sys"];
        self.run("lld-link", &[&always, options, &["entry.obj", "import.lib"]].concat());
        self.folder.path().join("image.sys")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = Command::new(self.llvm.join(program))
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// The output of `openkit inspect` on both streams, and true if it approves.
fn inspect(image: &Path) -> (String, bool) {
    let output = Command::new(test_programs::built("openkit"))
        .arg("inspect")
        .arg(image)
        .output()
        .expect("openkit starts");
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&text).into_owned(), output.status.success())
}

#[test]
#[ignore = "needs LLVM: cargo make test-openkit"]
fn a_driver_is_approved_and_described() {
    let linker = Linker::new();
    let (text, approved) = inspect(&linker.link("ntoskrnl.exe", &DRIVER));
    assert!(approved, "{text}");
    assert!(text.contains("ntoskrnl.exe: Routine"), "{text}");
}

#[test]
#[ignore = "needs LLVM: cargo make test-openkit"]
fn a_program_is_rejected() {
    let linker = Linker::new();
    let image = linker.link("KERNEL32.dll", &["/SUBSYSTEM:CONSOLE", "/FIXED"]);
    let (text, approved) = inspect(&image);
    assert!(!approved, "{text}");
    assert!(text.contains("the subsystem is not native"), "{text}");
    assert!(text.contains("it imports from KERNEL32.dll"), "{text}");
    assert!(text.contains("there are no relocations"), "{text}");
}

#[test]
#[ignore = "needs LLVM: cargo make test-openkit"]
fn a_changed_byte_shows_in_the_checksum() {
    let linker = Linker::new();
    let image = linker.link("ntoskrnl.exe", &DRIVER);
    let mut content = fs::read(&image).expect("the image can be read");
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::write(&image, content).expect("the image can be written");
    let (text, approved) = inspect(&image);
    assert!(!approved, "{text}");
    assert!(text.contains("the checksum is wrong"), "{text}");
}

#[test]
#[ignore = "needs LLVM: cargo make test-openkit"]
fn the_map_beside_an_image_must_name_its_entry_point() {
    let linker = Linker::new();
    let image = linker.link("ntoskrnl.exe", &["/DRIVER", "/SUBSYSTEM:NATIVE", "/MAP:image.map"]);
    let (text, approved) = inspect(&image);
    assert!(approved && text.contains("entry is   FxDriverEntry"), "{text}");

    fs::write(image.with_extension("map"), "of another image").expect("the map can be written");
    let (text, approved) = inspect(&image);
    assert!(!approved && text.contains("the map is not this image's"), "{text}");
}
