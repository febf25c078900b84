//! Access tokens.

/// Signs and checks access tokens.
pub struct Tokens;
