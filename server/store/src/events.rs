//! Rows of events.
