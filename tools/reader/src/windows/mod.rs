//! The Windows half: the driver's device, and a way to interrupt its requests.

mod driver;
mod interrupt;

pub use driver::Driver;
pub use interrupt::Interrupt;
