//! A KMDF driver that breaks one rule on demand, to prove that the host notices.
