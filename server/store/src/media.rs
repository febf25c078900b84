//! Rows of media.
