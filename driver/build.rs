//! Passes the kit's paths, libraries and linker options to the driver's build.

fn main() -> Result<(), wdk_build::ConfigError> {
    wdk_build::configure_wdk_binary_build()
}
