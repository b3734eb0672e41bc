//! Every call of Windows that the standard library does not make for us.

mod directory;
mod driver;
mod event;
mod facts;
mod logons;
mod memory;
pub(crate) mod service;
mod stations;
mod system;

pub(crate) use directory::Directory;
pub(crate) use driver::Driver;
pub(crate) use facts::facts;
