//! Stands in for the crate `windows` while build scripts are compiled on Linux. `wdk-build` uses
//! that crate only to find the kit in the registry, and only if `WDKContentRoot` does not name the
//! kit. openkit sets `WDKContentRoot`.
#![allow(non_camel_case_types, non_snake_case, missing_docs)]

pub mod core {
    #[derive(Clone, Copy)]
    pub struct PCSTR;

    #[macro_export]
    macro_rules! no_string {
        ($text:expr) => {
            $crate::core::PCSTR
        };
    }
    pub use crate::no_string as s;
}

pub mod Win32 {
    pub mod System {
        pub mod Registry {
            use crate::core::PCSTR;

            #[derive(Clone, Copy, Default)]
            pub struct HKEY;
            pub struct REG_SAM_FLAGS;
            pub struct REG_ROUTINE_FLAGS;
            pub struct REG_VALUE_TYPE;
            pub struct NotFound;

            pub const HKEY_LOCAL_MACHINE: HKEY = HKEY;
            pub const KEY_READ: REG_SAM_FLAGS = REG_SAM_FLAGS;
            pub const RRF_RT_REG_SZ: REG_ROUTINE_FLAGS = REG_ROUTINE_FLAGS;

            impl NotFound {
                pub fn is_ok(&self) -> bool {
                    false
                }
                pub fn ok(self) -> Result<(), &'static str> {
                    Err("no registry on this system")
                }
            }

            pub unsafe fn RegOpenKeyExA(
                _key: HKEY,
                _sub_key: PCSTR,
                _options: Option<u32>,
                _access: REG_SAM_FLAGS,
                _result: *mut HKEY,
            ) -> NotFound {
                NotFound
            }

            pub unsafe fn RegGetValueA(
                _key: HKEY,
                _sub_key: Option<PCSTR>,
                _value: PCSTR,
                _flags: REG_ROUTINE_FLAGS,
                _kind: Option<*mut REG_VALUE_TYPE>,
                _data: Option<*mut core::ffi::c_void>,
                _length: Option<*mut u32>,
            ) -> NotFound {
                NotFound
            }

            pub unsafe fn RegCloseKey(_key: HKEY) -> NotFound {
                NotFound
            }
        }
    }
}
