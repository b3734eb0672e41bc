//! How tests talk to the KMDF host: commands, scenarios, verdicts.
