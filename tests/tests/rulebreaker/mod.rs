//! The driver that breaks rules, and the requests that it is sent.
#![expect(unsafe_code, reason = "overlapped requests")]
#![expect(dead_code, reason = "each test program uses a part of this")]

use std::{
    env,
    ffi::OsString,
    fs::{File, OpenOptions},
    io,
    os::windows::{fs::OpenOptionsExt as _, io::AsRawHandle as _},
    path::{Path, PathBuf},
    ptr, thread,
    time::{Duration, Instant},
};

use kmdf_host_control::{Counts, Verdict};
use sessionwatch_tests::{clear_verdicts, set_number, start, verdicts};
use windows_service::{
    service::{
        Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState,
        ServiceType,
    },
    service_manager::{ServiceManager, ServiceManagerAccess},
};
use windows_sys::Win32::{
    Foundation::{GetLastError, STATUS_PENDING},
    Storage::FileSystem::FILE_FLAG_OVERLAPPED,
    System::IO::{CancelIo, CancelIoEx, DeviceIoControl, GetOverlappedResult, OVERLAPPED},
};

/// How long a verdict may take. Longer than any limit of the host that a rule runs into.
const PATIENCE: Duration = Duration::from_secs(20);
const DEVICE_PATH: &str = r"\\.\Rulebreaker";

/// What the driver does with a request.
pub(crate) mod code {
    /// Answers with the number of events seen, and breaks the rule of the day.
    pub(crate) const COUNT_EVENTS: u32 = 0x0022_2000;
    /// Has it wait in the manual queue; it is answered with what it came with.
    pub(crate) const PARK: u32 = 0x0022_2010;
    /// Keeps it.
    pub(crate) const KEEP: u32 = 0x0022_2014;
    /// Takes the next request out of the manual queue, and answers with the status of that.
    pub(crate) const RETRIEVE: u32 = 0x0022_2018;
    /// Tries to take a request out of the parallel queue, and answers with the status of that.
    pub(crate) const RETRIEVE_FROM_DEFAULT: u32 = 0x0022_201C;
    /// Answers with what happened: a hexadecimal digit each.
    pub(crate) const HISTORY: u32 = 0x0022_2020;
    /// Answers whether the kept request is cancelled.
    pub(crate) const IS_KEPT_CANCELLED: u32 = 0x0022_2024;
    /// Answers whether the request has a file object of the device.
    pub(crate) const HAS_FILE_OBJECT: u32 = 0x0022_2028;
}

/// The driver while it runs.
pub(crate) struct Running {
    service: Service,
    stopping: bool,
    ended: bool,
}

impl Running {
    /// Starts the driver with a rule to break, or a mode to run in.
    pub(crate) fn start(rule: u32) -> Self {
        clear_verdicts();
        let service = install(&built_image(), rule);
        let running = Self { service, stopping: false, ended: false };
        start(&running.service).unwrap();
        running
    }

    /// Asks the driver to stop. It cannot while a handle is open.
    pub(crate) fn ask_to_stop(&mut self) {
        let _says_that_it_takes_long = self.service.stop();
        self.stopping = true;
    }

    /// Waits for what the host says while the driver runs: that a rule is broken.
    pub(crate) fn wait_for_verdicts(mut self) -> Vec<Verdict> {
        let verdicts = wait_for_verdicts();
        self.service.delete().unwrap();
        self.ended = true;
        verdicts
    }

    /// Stops the driver, and gives what the host counted.
    ///
    /// # Panics
    /// If the host has found a rule broken.
    pub(crate) fn finish(mut self) -> Counts {
        // Wine's service manager does not survive a second stop during the first, or a deletion.
        if !self.stopping {
            let _the_process_may_be_gone = self.service.stop();
        }
        let verdicts = wait_for_verdicts();
        if self.stopping {
            assert!(stops_in_time(&self.service), "the driver does not stop");
        }
        self.service.delete().unwrap();
        self.ended = true;
        match verdicts.as_slice() {
            [Verdict::Clean { counts, .. }] => *counts,
            other => panic!("{other:#?}"),
        }
    }
}

impl Drop for Running {
    /// A test has failed: the next one is to find no driver. Its handles are closed by now.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if !self.stopping {
            let _the_process_may_be_gone = self.service.stop();
        }
        stops_in_time(&self.service);
        let _ends_with_the_prefix = self.service.delete();
    }
}

/// Whether the driver stops within some seconds.
fn stops_in_time(service: &Service) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        match service.query_status() {
            Ok(status) if status.current_state != ServiceState::Stopped => {
                thread::sleep(Duration::from_millis(10));
            }
            _ => return true,
        }
    }
    false
}

/// The built driver.
pub(crate) fn built_image() -> PathBuf {
    let image = env::current_dir()
        .unwrap()
        .join(r"..\target\openkit\cargo-user\x86_64-pc-windows-gnu\release\rulebreaker.dll")
        .canonicalize()
        .expect("the rulebreaker is built");
    PathBuf::from(image.to_str().unwrap().trim_start_matches(r"\\?\"))
}

/// A service of its own for each rule: its record outlives the process it ran in.
pub(crate) fn install(image: &Path, rule: u32) -> Service {
    let name = format!("Rulebreaker{rule}");
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&str>, access).unwrap();
    let information = ServiceInfo {
        name: OsString::from(&name),
        display_name: OsString::from(&name),
        service_type: ServiceType::KERNEL_DRIVER,
        start_type: ServiceStartType::OnDemand,
        error_control: ServiceErrorControl::Normal,
        executable_path: image.into(),
        launch_arguments: Vec::new(),
        dependencies: Vec::new(),
        account_name: None,
        account_password: None,
    };
    let access = ServiceAccess::START
        | ServiceAccess::STOP
        | ServiceAccess::QUERY_STATUS
        | ServiceAccess::DELETE;
    let service = manager.create_service(&information, access).unwrap();
    set_number(&name, "Rule", rule);
    service
}

/// Opens the driver's device for overlapped requests.
pub(crate) fn open() -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FILE_FLAG_OVERLAPPED).open(DEVICE_PATH)
}

/// Opens the driver's device for requests that block their caller.
pub(crate) fn open_blocking() -> io::Result<File> {
    OpenOptions::new().read(true).open(DEVICE_PATH)
}

/// Sends a request and waits for its end: an error, or how many bytes came back.
pub(crate) fn send_blocking(device: &File, code: u32) -> Result<u32, u32> {
    let (input, mut output, mut transferred) = ([0_u8; 4], [0_u8; 4], 0);
    // SAFETY: the handle is open and synchronous, and both buffers have the lengths given.
    let done = unsafe {
        DeviceIoControl(
            device.as_raw_handle(),
            code,
            input.as_ptr().cast(),
            4,
            output.as_mut_ptr().cast(),
            4,
            &raw mut transferred,
            ptr::null_mut(),
        )
    };
    // SAFETY: takes no arguments.
    let error = unsafe { GetLastError() };
    if done == 0 { Err(error) } else { Ok(transferred) }
}

/// An overlapped request with room for the driver's answer of four bytes. It may never be completed,
/// so what the system writes to is never given back.
pub(crate) struct Request(&'static mut (OVERLAPPED, [u8; 4]));

// SAFETY: the memory is never given back, and is looked at by one thread at a time.
unsafe impl Send for Request {}

impl Request {
    /// Sends four bytes of input, and waits for nothing.
    pub(crate) fn send(device: &File, code: u32, input: u32) -> Self {
        let memory: &'static mut (OVERLAPPED, [u8; 4]) = Box::leak(Box::default());
        let (overlapped, output) = &mut *memory;
        let input = input.to_le_bytes();
        // SAFETY: both buffers have the lengths given, the input is copied before the call returns,
        // and the other pointers are valid for ever.
        unsafe {
            DeviceIoControl(
                device.as_raw_handle(),
                code,
                input.as_ptr().cast(),
                4,
                output.as_mut_ptr().cast(),
                4,
                ptr::null_mut(),
                overlapped,
            )
        };
        Self(memory)
    }

    /// Cancels it, whoever sent it.
    pub(crate) fn cancel(&self, device: &File) {
        // SAFETY: the handle is open, and the structure is valid for ever.
        unsafe { CancelIoEx(device.as_raw_handle(), &raw const self.0.0) };
    }

    pub(crate) fn is_done(&self) -> bool {
        self.status() != STATUS_PENDING
    }

    /// Waits for the end, and gives the status and the bytes that came back.
    ///
    /// # Panics
    /// If it takes too long.
    pub(crate) fn wait(&self) -> (i32, u32) {
        let begin = Instant::now();
        while !self.is_done() {
            assert!(begin.elapsed() < PATIENCE, "the request is not completed");
            thread::sleep(Duration::from_millis(1));
        }
        // SAFETY: the system has written its answer.
        let output = unsafe { (&raw const self.0.1).read_volatile() };
        (self.status(), u32::from_le_bytes(output))
    }

    /// The answer of a request that succeeds.
    pub(crate) fn answer(&self) -> u32 {
        let (status, answer) = self.wait();
        assert_eq!(status, 0, "{status:#x}");
        answer
    }

    /// What Win32 says of a request that is completed: an error, or how many bytes came back.
    pub(crate) fn result(&self, device: &File) -> Result<u32, u32> {
        self.wait();
        let mut transferred = 0;
        let overlapped = &raw const self.0.0;
        // SAFETY: the handle is open, and the structures are live.
        let done = unsafe {
            GetOverlappedResult(device.as_raw_handle(), overlapped, &raw mut transferred, 0)
        };
        // SAFETY: takes no arguments.
        let error = unsafe { GetLastError() };
        if done == 0 { Err(error) } else { Ok(transferred) }
    }

    fn status(&self) -> i32 {
        // SAFETY: the field is ours to read at any time; the system writes it last.
        let status = unsafe { (&raw const self.0.0.Internal).read_volatile() };
        #[expect(clippy::cast_possible_truncation, reason = "a status is 32 bits long")]
        let status = status as u32;
        status.cast_signed()
    }
}

/// Cancels what this thread has sent.
pub(crate) fn cancel_own(device: &File) {
    // SAFETY: the handle is open.
    unsafe { CancelIo(device.as_raw_handle()) };
}

/// Cancels all requests of a handle, whoever sent them.
pub(crate) fn cancel_all(device: &File) {
    // SAFETY: the handle is open; no request in particular is meant.
    unsafe { CancelIoEx(device.as_raw_handle(), ptr::null()) };
}

/// Waits until the host has said something.
pub(crate) fn wait_for_verdicts() -> Vec<Verdict> {
    let begin = Instant::now();
    loop {
        let verdicts = verdicts();
        if !verdicts.is_empty() || begin.elapsed() > PATIENCE {
            return verdicts;
        }
        thread::sleep(Duration::from_millis(10));
    }
}
