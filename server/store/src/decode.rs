//! From columns to the vocabulary. The schema's constraints keep unknown values out,
//! so a failure here means that code and schema differ.

use types::{Currency, Money};

use crate::{Error, Result};

/// The value that a text column stands for.
pub(crate) fn known<T>(value: Option<T>, text: &str) -> Result<T> {
    value.ok_or_else(|| {
        Error::Other(sqlx::Error::Decode(
            format!("unknown value {text:?}").into(),
        ))
    })
}

/// An amount from its two columns.
pub(crate) fn money(amount_minor: i64, currency: &str) -> Result<Money> {
    Ok(Money::new(
        amount_minor,
        known(Currency::from_code(currency), currency)?,
    ))
}
