//! Every call of Windows that the standard library does not make for us.

mod directory;
mod driver;
mod event;
mod logons;
mod memory;
mod schannel;
mod stations;

pub(crate) use directory::Directory;
pub(crate) use driver::Driver;
pub(crate) use schannel::Schannel;
