//! Rows of pools.
