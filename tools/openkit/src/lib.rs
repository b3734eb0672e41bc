//! Builds the driver on Linux: what stands where the Windows Driver Kit would.
