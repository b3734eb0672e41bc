//! Calls into the driver.
//!
//! A callback that returns with a spin lock that it did not hold before ends the run.
#![expect(unsafe_code, reason = "calls the driver's functions by address")]

use std::mem::transmute;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::NTSTATUS;

use crate::machine::irql;
use crate::machine::load::Load;
use crate::watch::injection;
use crate::watch::rules::violation;

/// A function of the driver, never NULL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Callback {
    name: &'static str,
    address: usize,
}

impl Callback {
    /// `None` for NULL.
    pub(crate) fn new(name: &'static str, address: usize) -> Option<Self> {
        (address != 0).then_some(Self { name, address })
    }

    /// The callback's name in the framework.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// Calls the function. On 64-bit Windows there is one calling convention, and every integer or
    /// pointer argument takes one 64-bit slot whatever its type.
    pub(crate) fn call<const N: usize>(self, load: &Load, arguments: [usize; N]) -> usize {
        load.counters.callbacks.add();
        let held = irql::locks_held();
        let result = injection::within(self.name, || self.enter(&arguments));
        if irql::locks_held() > held {
            violation(self.name, Rule::LockHeldAtReturn, "the callback returned with a spin lock");
        }
        result
    }

    /// Calls a function that returns a status: the lower half of the register.
    pub(crate) fn call_for_status<const N: usize>(
        self,
        load: &Load,
        arguments: [usize; N],
    ) -> NTSTATUS {
        let [low, _]: [u32; 2] = zerocopy::transmute!(self.call(load, arguments));
        low.cast_signed()
    }

    fn enter(self, arguments: &[usize]) -> usize {
        type F1 = extern "system" fn(usize) -> usize;
        type F2 = extern "system" fn(usize, usize) -> usize;
        type F3 = extern "system" fn(usize, usize, usize) -> usize;
        type F5 = extern "system" fn(usize, usize, usize, usize, usize) -> usize;
        type F6 = extern "system" fn(usize, usize, usize, usize, usize, usize) -> usize;
        let address = self.address;
        match *arguments {
            [first] => {
                // SAFETY: the driver gave this address for a callback of one argument.
                let function = unsafe { transmute::<usize, F1>(address) };
                function(first)
            }
            [first, second] => {
                // SAFETY: as above, of two arguments.
                let function = unsafe { transmute::<usize, F2>(address) };
                function(first, second)
            }
            [first, second, third] => {
                // SAFETY: as above, of three arguments.
                let function = unsafe { transmute::<usize, F3>(address) };
                function(first, second, third)
            }
            [first, second, third, fourth, fifth] => {
                // SAFETY: as above, of five arguments.
                let function = unsafe { transmute::<usize, F5>(address) };
                function(first, second, third, fourth, fifth)
            }
            [first, second, third, fourth, fifth, sixth] => {
                // SAFETY: as above, of six arguments.
                let function = unsafe { transmute::<usize, F6>(address) };
                function(first, second, third, fourth, fifth, sixth)
            }
            _ => violation(self.name, Rule::HostFailure, "no callback has this many arguments"),
        }
    }
}
