//! Rows of outbox.
