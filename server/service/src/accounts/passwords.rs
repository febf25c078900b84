//! Password hashing.

/// Hashes passwords on a bounded pool.
pub struct Passwords;
