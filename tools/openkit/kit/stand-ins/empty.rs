//! Stands in for the relatives of the crate `windows` (futures, collections,
//! numerics, threading) while build scripts are compiled on Linux: nothing of
//! them is used, and some do not compile there.
