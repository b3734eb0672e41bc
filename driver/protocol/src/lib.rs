//! The wire contract between the driver and its readers.
