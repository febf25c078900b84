//! Refunds. Each carries our id, so that one that was made is found among those of its
//! intent however long ago that was.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use service::ports::{Refund, RefundOutcome};
use uuid::Uuid;

use super::{
    Metadata, Stripe,
    amount::in_stripe_units,
    api::{Answer, Field},
};

const REFUNDS: &str = "/v1/refunds";
/// How late the search index is at worst.
const INDEX_LAG: SignedDuration = SignedDuration::from_hours(1);
/// How many pages of a hundred refunds of one intent are read.
const PAGES: usize = 50;

/// A refund, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
struct Made {
    id: String,
    status: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Made>,
    has_more: bool,
}

/// Why there is nothing to look at.
enum Nothing {
    /// There is none.
    NotThere,
    /// Stripe did not say.
    NotKnown,
}

impl Stripe {
    pub(super) async fn make_refund(&self, refund: &Refund) -> RefundOutcome {
        let intent = match self.charged_intent(refund.charge).await {
            Ok(intent) => intent,
            Err(nothing) => return nothing.outcome(),
        };
        // Keys are forgotten after a day; what was made stays.
        match self.made(&intent, refund.id).await {
            Ok(made) => made.outcome(),
            Err(Nothing::NotKnown) => RefundOutcome::Unknown,
            Err(Nothing::NotThere) => self.post_refund(&intent, refund).await,
        }
    }

    pub(super) async fn look_for_refund(&self, refund: &Refund) -> RefundOutcome {
        let intent = match self.charged_intent(refund.charge).await {
            Ok(intent) => intent,
            Err(nothing) => return nothing.outcome(),
        };
        match self.made(&intent, refund.id).await {
            Ok(made) => made.outcome(),
            Err(nothing) => nothing.outcome(),
        }
    }

    async fn post_refund(&self, intent: &str, refund: &Refund) -> RefundOutcome {
        let Some(amount) = in_stripe_units(refund.amount) else {
            tracing::error!(refund.id = %refund.id, "Stripe cannot refund this amount");
            return RefundOutcome::Refused;
        };
        let (amount, refund_id) = (amount.to_string(), refund.id.to_string());
        let fields: [Field<'_>; 3] = [
            ("payment_intent", intent),
            ("amount", &amount),
            ("metadata[refund_id]", &refund_id),
        ];
        let key = format!("{refund_id}-refund");
        match self.api.post::<Made>(REFUNDS, Some(&key), &fields).await {
            Answer::Done { object, .. } => object.outcome(),
            Answer::BrokeBefore | Answer::NotKnown => RefundOutcome::Unknown,
            // "Refunded already" may mean this very refund, made by somebody faster.
            Answer::Refused | Answer::CardDeclined => match self.made(intent, refund.id).await {
                Ok(made) => made.outcome(),
                Err(nothing) => nothing.outcome(),
            },
        }
    }

    /// The intent that took a charge's money.
    async fn charged_intent(&self, charge: Uuid) -> Result<String, Nothing> {
        let found = self.search(charge).await.ok_or(Nothing::NotKnown)?;
        let mut charged = found
            .into_iter()
            .filter(|intent| intent.status == "succeeded");
        match charged.next() {
            Some(intent) => Ok(intent.id),
            None if self.may_be_unindexed(charge) => Err(Nothing::NotKnown),
            None => Err(Nothing::NotThere),
        }
    }

    /// A UUIDv7 says when it was made.
    fn may_be_unindexed(&self, charge: Uuid) -> bool {
        let made_at = charge.get_timestamp().and_then(|time| {
            let (seconds, _) = time.to_unix();
            Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
        });
        made_at.is_some_and(|then| self.clock.now().duration_since(then) < INDEX_LAG)
    }

    /// Our refund among those of an intent. This list is never late.
    async fn made(&self, intent: &str, refund: Uuid) -> Result<Made, Nothing> {
        let refund_id = refund.to_string();
        let mut after = None::<String>;
        for _ in 0..PAGES {
            let mut fields: Vec<Field<'_>> = vec![("payment_intent", intent), ("limit", "100")];
            fields.extend(after.as_deref().map(|last| ("starting_after", last)));
            let Answer::Done { object: page, .. } = self.api.get::<Page>(REFUNDS, &fields).await
            else {
                return Err(Nothing::NotKnown);
            };
            after = page.data.last().map(|made| made.id.clone());
            let is_ours = |made: &Made| made.metadata.refund_id.as_ref() == Some(&refund_id);
            if let Some(made) = page.data.into_iter().find(is_ours) {
                return Ok(made);
            }
            if !page.has_more || after.is_none() {
                return Err(Nothing::NotThere);
            }
        }
        Err(Nothing::NotKnown)
    }
}

impl Nothing {
    fn outcome(&self) -> RefundOutcome {
        match self {
            Self::NotThere => RefundOutcome::Refused,
            Self::NotKnown => RefundOutcome::Unknown,
        }
    }
}

impl Made {
    fn outcome(&self) -> RefundOutcome {
        match self.status.as_deref() {
            Some("succeeded") => RefundOutcome::Succeeded,
            Some("failed" | "canceled") => RefundOutcome::Refused,
            // Waits for the bank, or for money on the account it is taken from.
            _ => RefundOutcome::Unknown,
        }
    }
}
