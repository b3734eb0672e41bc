//! The framework: the function table of KMDF 1.31, and the objects behind it.
//!
//! Imports: the machine and the watch. Invariant: the framework **knows no source of IRPs**. The
//! room above hands it each IRP, and the exports pass the dispatch routine to its bind.
//!
//! Device, queue and request import each other, and nothing else here forms a cycle. In KMDF too, a
//! device owns queues, a queue holds requests, and a request completes into both.

pub(crate) mod abi;
pub(crate) mod bind;
pub(crate) mod binding;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod device;
pub(crate) mod device_init;
pub(crate) mod driver;
pub(crate) mod file_object;
pub(crate) mod object_calls;
pub(crate) mod objects;
pub(crate) mod open_files;
pub(crate) mod queue;
pub(crate) mod queue_calls;
pub(crate) mod queue_config;
pub(crate) mod registry_key;
pub(crate) mod request;
pub(crate) mod request_calls;
pub(crate) mod spin_lock;
pub(crate) mod table;
pub(crate) mod unload;
pub(crate) mod verifier;
