//! The version of the contract.

/// The version of this contract: the first field of every request and reply.
pub const VERSION: u32 = 1;
