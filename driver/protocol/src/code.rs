//! The device's names and its control codes.

/// The control device's name in the object manager.
pub const DEVICE_NAME: &str = r"\Device\SessionWatch";

/// The symbolic link through which user mode opens the device.
pub const SYMBOLIC_LINK: &str = r"\DosDevices\SessionWatch";

/// The path for `CreateFileW`, with `GENERIC_READ`.
pub const DEVICE_PATH: &str = r"\\.\SessionWatch";

/// `FILE_DEVICE_UNKNOWN` of `winioctl.h`.
const FILE_DEVICE_UNKNOWN: u32 = 0x22;
/// `FILE_READ_ACCESS` of `winioctl.h`: the I/O manager rejects the code on a handle that was
/// not opened for reading.
const FILE_READ_ACCESS: u32 = 1;
/// `METHOD_BUFFERED` of `winioctl.h`: the driver sees copies, never the caller's memory.
const METHOD_BUFFERED: u32 = 0;

/// The first function code that is not reserved for Microsoft.
pub const FIRST_DRIVER_FUNCTION: u32 = 0x800;

/// A device control code, as `CTL_CODE` of `winioctl.h` builds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ControlCode(
    /// The code for `DeviceIoControl`.
    pub u32,
);

impl ControlCode {
    /// True if the I/O manager copies input and output for this code. All codes of the
    /// contract are buffered; the driver must not access the buffers of any other code.
    #[must_use]
    pub const fn is_buffered(self) -> bool {
        const METHODS: u32 = 3;
        self.0 & METHODS == METHOD_BUFFERED
    }

    const fn buffered_read(function: u32) -> Self {
        Self(FILE_DEVICE_UNKNOWN << 16 | FILE_READ_ACCESS << 14 | function << 2 | METHOD_BUFFERED)
    }
}

/// Describes the journal: [`DescribeRequest`](crate::DescribeRequest) in,
/// [`DescribeReply`](crate::DescribeReply) out.
pub const DESCRIBE: ControlCode = ControlCode::buffered_read(FIRST_DRIVER_FUNCTION);

/// Reads records: [`ReadRequest`](crate::ReadRequest) in,
/// [`ReadReply`](crate::ReadReply) and records out.
pub const READ: ControlCode = ControlCode::buffered_read(FIRST_DRIVER_FUNCTION + 1);

/// Returns the present sessions: [`SessionsRequest`](crate::SessionsRequest) in,
/// [`SessionsReply`](crate::SessionsReply) and records out.
pub const SESSIONS: ControlCode = ControlCode::buffered_read(FIRST_DRIVER_FUNCTION + 2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_are_those_of_the_documentation() {
        assert_eq!(DESCRIBE.0, 0x0022_6000);
        assert_eq!(READ.0, 0x0022_6004);
        assert_eq!(SESSIONS.0, 0x0022_6008);
        assert!([DESCRIBE, READ, SESSIONS].iter().all(|code| code.is_buffered()));
        assert!((1..4).all(|method| !ControlCode(READ.0 | method).is_buffered()));
    }

    #[test]
    fn path_link_and_device_have_the_same_name() {
        let name = DEVICE_PATH.strip_prefix(r"\\.\").unwrap();
        assert_eq!(SYMBOLIC_LINK.strip_prefix(r"\DosDevices\"), Some(name));
        assert_eq!(DEVICE_NAME.strip_prefix(r"\Device\"), Some(name));
    }
}
