//! Rows of idempotency.
