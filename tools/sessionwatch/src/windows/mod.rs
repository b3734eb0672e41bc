//! Every call of Windows that the standard library does not make for us.

mod driver;
mod event;

pub(crate) use driver::Driver;
