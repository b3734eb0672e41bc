//! Reads, follows and explains the journal of the sessionwatch driver.
