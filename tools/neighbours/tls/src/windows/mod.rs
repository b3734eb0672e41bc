//! The Windows half: [`SecurityPackage`](crate::SecurityPackage) over Schannel, through SSPI.
//!
//! The calls follow Microsoft's page "Creating a Secure Connection Using Schannel" and the pages
//! of the functions of `sspi.h`.

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
