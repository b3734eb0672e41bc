//! Controls the rulebreaker, the driver that breaks rules, and sends it requests.
#![expect(unsafe_code, reason = "overlapped requests")]
#![expect(dead_code, reason = "each test program uses a part of this")]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, io, ptr, thread};

use kmdf_host_control::{Counts, Verdict};
use sessionwatch_tests::{clear_verdicts, set_number, start, verdicts};
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_sys::Win32::Foundation::{GetLastError, STATUS_PENDING};
use windows_sys::Win32::Storage::FileSystem::FILE_FLAG_OVERLAPPED;
use windows_sys::Win32::System::IO::{
    CancelIo, CancelIoEx, DeviceIoControl, GetOverlappedResult, OVERLAPPED,
};

/// The time limit on a verdict: longer than any time limit of the host.
const PATIENCE: Duration = Duration::from_secs(20);
const DEVICE_PATH: &str = r"\\.\Rulebreaker";

/// The control codes of the driver.
pub(crate) mod code {
    /// Returns the number of events seen, and breaks the configured rule.
    pub(crate) const COUNT_EVENTS: u32 = 0x0022_2000;
    /// Forwards the request to the manual queue. It is completed later, with its own input.
    pub(crate) const PARK: u32 = 0x0022_2010;
    /// Keeps the request in the driver.
    pub(crate) const KEEP: u32 = 0x0022_2014;
    /// Retrieves the next request from the manual queue, and returns the call's status.
    pub(crate) const RETRIEVE: u32 = 0x0022_2018;
    /// Tries to retrieve a request from the parallel queue, and returns the call's status.
    pub(crate) const RETRIEVE_FROM_DEFAULT: u32 = 0x0022_201C;
    /// Returns the driver's history: a hexadecimal digit for each event of a request.
    pub(crate) const HISTORY: u32 = 0x0022_2020;
    /// Returns 1 if the kept request is cancelled.
    pub(crate) const IS_KEPT_CANCELLED: u32 = 0x0022_2024;
    /// Returns 1 if the request has a file object of the device.
    pub(crate) const HAS_FILE_OBJECT: u32 = 0x0022_2028;
}

/// The running driver.
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

    /// Asks the driver to stop, which waits until the last handle is closed.
    pub(crate) fn ask_to_stop(&mut self) {
        let _says_that_it_takes_long = self.service.stop();
        self.stopping = true;
    }

    /// Waits for a violation while the driver runs.
    pub(crate) fn wait_for_verdicts(mut self) -> Vec<Verdict> {
        let verdicts = wait_for_verdicts();
        self.service.delete().unwrap();
        self.ended = true;
        verdicts
    }

    /// Stops the driver, and returns the host's counts.
    ///
    /// # Panics
    /// If the driver broke a rule.
    pub(crate) fn finish(mut self) -> Counts {
        // Wine's service manager crashes on a second stop, or a deletion, during the first stop.
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
    /// Removes the driver after a failed test, so that the next test starts without one. The
    /// test's handles are closed by now.
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

/// True if the driver stops within [`PATIENCE`].
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

/// Creates a service for a rule. Each rule has its own service, because the record of a service
/// outlives its process.
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

/// Sends a request and waits for its completion. Returns the number of output bytes, or the error.
pub(crate) fn send_blocking(device: &File, code: u32) -> Result<u32, u32> {
    let (input, mut output, mut transferred) = ([0_u8; 4], [0_u8; 4], 0);
    // SAFETY: the handle is open and synchronous, and both buffers have the given lengths.
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
    // SAFETY: the function takes no arguments.
    let error = unsafe { GetLastError() };
    if done == 0 { Err(error) } else { Ok(transferred) }
}

/// An overlapped request with a four-byte output. It may never be completed, so the memory that
/// the system writes to is never freed.
pub(crate) struct Request(&'static mut (OVERLAPPED, [u8; 4]));

// SAFETY: the memory is never freed, and one thread at a time accesses it.
unsafe impl Send for Request {}

impl Request {
    /// Sends four bytes of input, and returns at once.
    pub(crate) fn send(device: &File, code: u32, input: u32) -> Self {
        let memory: &'static mut (OVERLAPPED, [u8; 4]) = Box::leak(Box::default());
        let (overlapped, output) = &mut *memory;
        let input = input.to_le_bytes();
        // SAFETY: both buffers have the given lengths, the input is copied before the call returns,
        // and the other pointers are valid forever.
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

    /// Cancels the request, from any thread.
    pub(crate) fn cancel(&self, device: &File) {
        // SAFETY: the handle is open, and the structure is valid forever.
        unsafe { CancelIoEx(device.as_raw_handle(), &raw const self.0.0) };
    }

    pub(crate) fn is_done(&self) -> bool {
        self.status() != STATUS_PENDING
    }

    /// Waits for the completion, and returns the status and the output.
    ///
    /// # Panics
    /// If it takes too long.
    pub(crate) fn wait(&self) -> (i32, u32) {
        let begin = Instant::now();
        while !self.is_done() {
            assert!(begin.elapsed() < PATIENCE, "the request is not completed");
            thread::sleep(Duration::from_millis(1));
        }
        // SAFETY: the system has written the output.
        let output = unsafe { (&raw const self.0.1).read_volatile() };
        (self.status(), u32::from_le_bytes(output))
    }

    /// The output of a request that must succeed.
    pub(crate) fn answer(&self) -> u32 {
        let (status, answer) = self.wait();
        assert_eq!(status, 0, "{status:#x}");
        answer
    }

    /// The Win32 result of a completed request: the number of output bytes, or the error.
    pub(crate) fn result(&self, device: &File) -> Result<u32, u32> {
        self.wait();
        let mut transferred = 0;
        let overlapped = &raw const self.0.0;
        // SAFETY: the handle is open, and the structures are live.
        let done = unsafe {
            GetOverlappedResult(device.as_raw_handle(), overlapped, &raw mut transferred, 0)
        };
        // SAFETY: the function takes no arguments.
        let error = unsafe { GetLastError() };
        if done == 0 { Err(error) } else { Ok(transferred) }
    }

    fn status(&self) -> i32 {
        // SAFETY: the field may be read at any time; the system writes it last.
        let status = unsafe { (&raw const self.0.0.Internal).read_volatile() };
        #[expect(clippy::cast_possible_truncation, reason = "a status is 32 bits long")]
        let status = status as u32;
        status.cast_signed()
    }
}

/// Cancels the requests of this thread.
pub(crate) fn cancel_own(device: &File) {
    // SAFETY: the handle is open.
    unsafe { CancelIo(device.as_raw_handle()) };
}

/// Cancels all requests of a handle, from any thread.
pub(crate) fn cancel_all(device: &File) {
    // SAFETY: the handle is open, and null selects all requests.
    unsafe { CancelIoEx(device.as_raw_handle(), ptr::null()) };
}

/// Waits until the host has written a verdict.
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
