//! The journal of session events: ring, numbering, loss and the plan of a read.
