//! The Windows half: [`SessionServer`](crate::SessionServer) over the network management
//! functions of `netapi32.dll`.

mod netapi32;
mod network_management;
mod text;

pub use network_management::NetworkManagement;
