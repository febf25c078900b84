//! Money: integer minor units and a currency. Never a float.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// An ISO 4217 currency, three upper-case letters on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(into = "String")]
#[schema(value_type = String, example = "EUR")]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this ISO 4217 code in any case, or `None`.
    pub fn from_code(code: &str) -> Option<Self> {
        iso_currency::Currency::from_code(&code.to_ascii_uppercase()).map(Self)
    }

    /// Three upper-case letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many digits stand behind the decimal point (ISO 4217 exponent).
    pub fn exponent(self) -> u32 {
        self.0.exponent().unwrap_or(0).into()
    }
}

impl Default for Currency {
    fn default() -> Self {
        Self(iso_currency::Currency::EUR)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| {
            serde::de::Error::custom("must be a three-letter ISO 4217 currency code")
        })
    }
}

/// An amount in minor units (cents) of a currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Integer minor units: 5000 is 50.00 EUR, or 5000 JPY.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// `amount_minor` of `currency`.
    pub fn new(amount_minor: i64, currency: Currency) -> Self {
        Self {
            amount_minor,
            currency,
        }
    }

    /// Nothing to pay.
    pub fn is_free(self) -> bool {
        self.amount_minor == 0
    }

    /// This amount `quantity` times; `None` when it does not fit.
    pub fn times(self, quantity: u32) -> Option<Self> {
        let amount_minor = self.amount_minor.checked_mul(i64::from(quantity))?;
        Some(Self {
            amount_minor,
            ..self
        })
    }

    /// The sum; `None` for different currencies or when it does not fit.
    pub fn plus(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        let amount_minor = self.amount_minor.checked_add(other.amount_minor)?;
        Some(Self {
            amount_minor,
            ..self
        })
    }

    /// What is left without `other`; `None` for different currencies or when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        let amount_minor = self.amount_minor.checked_sub(other.amount_minor)?;
        Some(Self {
            amount_minor,
            ..self
        })
    }

    /// Parses what a person types into a price field: `12`, `12.5`, `12,50`.
    /// `None` for anything else, for a negative amount and for more decimals
    /// than the currency has.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let text = text.trim().replace(',', ".");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = currency.exponent() as usize;
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || !all_digits(whole)
            || !all_digits(fraction)
            || fraction.len() > digits
        {
            return None;
        }
        let amount_minor = format!("{whole}{fraction:0<digits$}").parse().ok()?;
        Some(Self {
            amount_minor,
            currency,
        })
    }

    /// The amount alone as a person types it: `12.50`.
    pub fn to_input(self) -> String {
        let digits = self.currency.exponent() as usize;
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let all = format!(
            "{:0>width$}",
            self.amount_minor.unsigned_abs(),
            width = digits + 1
        );
        let (whole, fraction) = all.split_at(all.len() - digits);
        if digits == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

impl fmt::Display for Money {
    /// `€12.50`, `12.50 CHF`; the symbol where it is a single unambiguous sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.to_input();
        match self.currency.code() {
            "EUR" => write!(f, "€{amount}"),
            "USD" => write!(f, "${amount}"),
            "GBP" => write!(f, "£{amount}"),
            code => write!(f, "{amount} {code}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prices_are_read_as_people_type_them() {
        let eur = Currency::default();
        let minor = |text| Money::parse(text, eur).map(|money| money.amount_minor);
        assert_eq!(minor("12"), Some(1200));
        assert_eq!(minor("12.5"), Some(1250));
        assert_eq!(minor(" 12,50 "), Some(1250));
        for bad in [
            "",
            "-1",
            "1.234",
            "1e3",
            ".5",
            "ten",
            "99999999999999999999",
        ] {
            assert_eq!(minor(bad), None, "{bad}");
        }
    }

    #[test]
    fn currencies_without_cents_have_no_decimals() {
        let jpy = Currency::from_code("jpy").unwrap();
        assert_eq!(Money::parse("500", jpy), Some(Money::new(500, jpy)));
        assert_eq!(Money::new(500, jpy).to_string(), "500 JPY");
    }

    proptest! {
        #[test]
        fn what_is_shown_in_a_field_is_read_back(amount in 0i64..1_000_000_000_000) {
            let money = Money::new(amount, Currency::default());
            prop_assert_eq!(Money::parse(&money.to_input(), money.currency), Some(money));
        }

        #[test]
        fn sums_and_products_never_wrap(a in any::<i64>(), b in any::<i64>(), n in any::<u32>()) {
            let (a, b) = (Money::new(a, Currency::default()), Money::new(b, Currency::default()));
            let exact = |money: Money| i128::from(money.amount_minor);
            if let Some(sum) = a.plus(b) { prop_assert_eq!(exact(sum), exact(a) + exact(b)); }
            if let Some(product) = a.times(n) { prop_assert_eq!(exact(product), exact(a) * i128::from(n)); }
        }
    }
}
