//! The Windows half: [`SecurityPackage`](crate::SecurityPackage) over Schannel, through SSPI.
//!
//! The calls do what Microsoft's pages on "Creating a Secure Connection Using Schannel" and on
//! the functions of `sspi.h` say.

mod attributes;
mod buffers;
mod certificate;
mod context;
mod credentials;
mod crypt32;
mod hresult;
mod schannel;
mod secur32;

pub use schannel::Schannel;
