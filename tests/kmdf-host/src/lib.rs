//! Stands in for WDFLDR.SYS under Wine, stricter than the real one.
