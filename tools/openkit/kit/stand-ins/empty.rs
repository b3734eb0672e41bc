//! Stands in for the sibling crates of `windows` (futures, collections, numerics, threading) while
//! build scripts are compiled on Linux. Nothing uses these crates, and some do not compile there.
