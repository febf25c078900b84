//! Payment providers: a simulated one, and Stripe.

mod simulator;
pub mod stripe;

pub use simulator::{PaymentSettings, PaymentSimulator};
pub use stripe::{Stripe, StripeSettings};
