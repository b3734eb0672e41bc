//! A DLL of System32, and its functions.
#![expect(unsafe_code, reason = "a DLL runs code, and has no types for its functions")]

use std::io;
use std::mem::ManuallyDrop;

use libloading::os::windows::{LOAD_LIBRARY_SEARCH_SYSTEM32, Library as Loaded};
use sessionwatch_failure::WindowsError;

use crate::LoadError;

/// A DLL of System32. It stays loaded until the process ends, so its functions stay valid.
#[derive(Debug)]
pub struct Library(ManuallyDrop<Loaded>);

impl Library {
    /// Loads the DLL `name`, and the DLLs that it needs, from System32 and no other folder.
    /// `attempt` names this in an error.
    ///
    /// # Errors
    ///
    /// If System32 has no such DLL, or it does not load.
    ///
    /// # Safety
    ///
    /// `name` is a DLL of Windows: its entry point runs, and may do anything.
    pub unsafe fn load(name: &'static str, attempt: &'static str) -> Result<Self, LoadError> {
        // SAFETY: a DLL of Windows expects to be loaded at any time, on any thread.
        match unsafe { Loaded::load_with_flags(name, LOAD_LIBRARY_SEARCH_SYSTEM32) } {
            Ok(library) => Ok(Self(ManuallyDrop::new(library))),
            Err(error) => Err(failed(attempt, &error)),
        }
    }

    /// Finds the function `name`, which ends with a null. `attempt` names this in an error.
    ///
    /// # Errors
    ///
    /// If the DLL has no such function.
    ///
    /// # Safety
    ///
    /// `F` is the type of a pointer to this function.
    pub unsafe fn function<F: Copy>(
        &self,
        name: &'static str,
        attempt: &'static str,
    ) -> Result<F, LoadError> {
        // SAFETY: the type is the function's, by the caller's promise.
        match unsafe { self.0.get::<F>(name.as_bytes()) } {
            // The DLL is never unloaded, so the pointer may outlive the symbol.
            Ok(function) => Ok(*function),
            Err(error) => Err(failed(attempt, &error)),
        }
    }
}

fn failed(attempt: &'static str, error: &libloading::Error) -> LoadError {
    let source = std::error::Error::source(error);
    let reason = source.and_then(|source| source.downcast_ref::<io::Error>());
    let error = match reason {
        Some(reason) => WindowsError::from(reason),
        None => WindowsError { code: 0, message: String::new() },
    };
    LoadError { attempt, error }
}

/// Declares a struct of functions of one DLL, which loads at the first use.
///
/// Each signature is compared with the one of `windows-sys` in the module that `in` names, so a
/// wrong one does not compile. The comparison imports nothing.
///
/// ```text
/// functions! {
///     /// The functions of WTS.
///     pub(super) struct Wts("wtsapi32.dll") in windows_sys::Win32::System::RemoteDesktop {
///         fn WTSFreeMemory(*mut c_void);
///     }
/// }
/// ```
///
/// The module that uses this needs `#![expect(non_snake_case, reason = "…")]`.
#[macro_export]
macro_rules! functions {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $table:ident($dll:literal) in $module:path {
            $(fn $name:ident($($argument:ty),* $(,)?) $(-> $result:ty)?;)+
        }
    ) => {
        $(#[$attribute])*
        $visibility struct $table {
            $($visibility $name: unsafe extern "system" fn($($argument),*) $(-> $result)?,)+
        }

        impl $table {
            /// Loads the DLL from System32, if this process has not done so yet.
            $visibility fn load() -> Result<&'static Self, $crate::LoadError> {
                use $module as declared;

                $(const _: unsafe extern "system" fn($($argument),*) $(-> $result)? =
                    declared::$name;)+
                static TABLE: std::sync::OnceLock<Result<$table, $crate::LoadError>> =
                    std::sync::OnceLock::new();
                TABLE.get_or_init(Self::find).as_ref().map_err(Clone::clone)
            }

            fn find() -> Result<Self, $crate::LoadError> {
                let (dll, attempt) = ($dll, concat!("loading ", $dll));
                // SAFETY: this is a DLL of Windows.
                let library = unsafe { $crate::Library::load(dll, attempt) }?;
                Ok(Self {
                    $($name: {
                        let name = concat!(stringify!($name), "\0");
                        let attempt = concat!("finding ", stringify!($name), " in ", $dll);
                        // SAFETY: the field has the type that `windows-sys` declares for this
                        // function, by the comparison in `load`.
                        unsafe { library.function(name, attempt) }?
                    },)+
                })
            }
        }
    };
}
