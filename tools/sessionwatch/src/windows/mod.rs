//! Every call of Windows that the standard library does not make for us.

mod directory;
mod driver;
mod event;
mod facts;
mod logons;
mod memory;
mod schannel;
pub(crate) mod service;
mod stations;
mod system;

pub(crate) use directory::Directory;
pub(crate) use driver::Driver;
pub(crate) use facts::facts;
pub(crate) use schannel::Schannel;
