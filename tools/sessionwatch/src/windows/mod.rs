//! Every call of Windows that the standard library does not make for us.

mod driver;

pub(crate) use driver::Driver;
