//! Rows of sessions.
