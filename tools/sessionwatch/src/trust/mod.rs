//! Judges who may change a file or a folder that SYSTEM will use.
//!
//! The service runs as SYSTEM. Whoever may replace its program, or redirect its log, gains the
//! rights of SYSTEM. So only SYSTEM, administrators and Windows itself may write to the folder of
//! either, and may replace a folder above it.
//!
//! This room is plain data: it reads the bytes of a security descriptor and knows no call of
//! Windows.

mod descriptor;
mod error;
mod judgment;
mod sid;

pub use descriptor::{Ace, Descriptor, Malformed};
pub use error::{Purpose, TrustError, Weakness};
pub use judgment::{Part, judge, parts};
pub use sid::Sid;
