//! Rows of tickets.
