//! Rows of rate.
