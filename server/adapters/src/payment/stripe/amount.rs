//! Amounts as Stripe counts them (<https://docs.stripe.com/currencies>): mostly the minor
//! units of ISO 4217, and a few that differ from it.

use types::{Currency, Money};

/// Charged in whole units.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Charged in thousandths, of which the last digit has to be 0.
const THOUSANDTHS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The amount in Stripe's unit of its currency; `None` when Stripe cannot charge it exactly.
pub(super) fn in_stripe_units(money: Money) -> Option<i64> {
    let ours = money.currency.exponent();
    let theirs = exponent(money.currency);
    let amount = if theirs >= ours {
        money
            .amount_minor
            .checked_mul(10_i64.checked_pow(theirs - ours)?)?
    } else {
        let unit = 10_i64.checked_pow(ours - theirs)?;
        (money.amount_minor % unit == 0).then_some(money.amount_minor / unit)?
    };
    (theirs < 3 || amount % 10 == 0).then_some(amount)
}

/// Everything else is counted in hundredths. That includes two currencies without
/// minor units, ISK and UGX.
fn exponent(currency: Currency) -> u32 {
    match currency.code() {
        code if WHOLE.contains(&code) => 0,
        code if THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(amount_minor: i64, code: &str) -> Option<i64> {
        in_stripe_units(Money::new(amount_minor, Currency::from_code(code).unwrap()))
    }

    #[test]
    fn most_amounts_are_iso_minor_units() {
        assert_eq!(units(1250, "EUR"), Some(1250));
        assert_eq!(units(500, "JPY"), Some(500));
        assert_eq!(units(1250, "HUF"), Some(1250));
    }

    #[test]
    fn currencies_that_stripe_counts_in_its_own_way_are_converted() {
        assert_eq!(units(5, "ISK"), Some(500));
        assert_eq!(units(5, "UGX"), Some(500));
        assert_eq!(units(500, "MGA"), Some(5));
        assert_eq!(units(550, "MGA"), None, "no halves");
        assert_eq!(units(5120, "KWD"), Some(5120));
        assert_eq!(units(5124, "KWD"), None, "the last digit must be 0");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(units(i64::MAX, "ISK"), None);
    }
}
