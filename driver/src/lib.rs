//! The kernel-mode driver: the KMDF shell around the journal.
