//! The promo codes that the sales of a batch name, on the books: what they are and, where they
//! have limits, how often they are used, already with what the sales before took.

use std::collections::HashMap;

use jiff::Timestamp;
use store::{
    Tx,
    holds::HoldRow,
    promos::{Counted, HeldPromo, PromoRow},
};
use types::{AccountId, EventId, PromoCodeId, promos::normal_code};

use crate::{
    Result,
    promos::{is_blank, rules},
};

/// The codes of a batch.
#[derive(Default)]
pub(super) struct Codes {
    known: HashMap<String, PromoRow>,
    all: HashMap<PromoCodeId, u32>,
    own: HashMap<(PromoCodeId, AccountId), u32>,
}

impl Codes {
    /// Reads codes as they were typed, and the uses that their limits need: this runs under the
    /// event's locks, and of a code that everybody has there are as many as buyers. Call after
    /// `pools::expire_due`.
    pub(super) async fn read(
        tx: &mut Tx,
        event: EventId,
        typed: &[String],
        buyers: &[AccountId],
        now: Timestamp,
    ) -> Result<Self> {
        let mut texts: Vec<_> = typed.iter().filter_map(|code| normal_code(code)).collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.is_empty() {
            return Ok(Self::default());
        }
        let mut codes = Self::default();
        let rows = store::promos::find_by_codes(tx, event, &texts).await?;
        let counted = Counted::for_limits(&rows, buyers);
        for used in store::promos::uses(tx, &counted, now).await? {
            *codes.all.entry(used.code).or_default() += used.uses;
            if let Some(person) = used.person {
                codes.own.insert((used.code, person), used.uses);
            }
        }
        codes.known = rows
            .into_iter()
            .map(|row| (row.code.clone(), row))
            .collect();
        Ok(codes)
    }

    /// The code that was typed, if one was.
    pub(super) fn find(&self, typed: Option<&str>) -> Result<Option<&PromoRow>> {
        let Some(typed) = typed.filter(|typed| !is_blank(Some(typed))) else {
            return Ok(None);
        };
        let code = normal_code(typed).and_then(|text| self.known.get(&text));
        let code = code.filter(|code| code.is_active);
        code.map(Some).ok_or_else(rules::unknown)
    }

    /// How often a code is used, by everybody and by one of the buyers, as far as it has a limit.
    pub(super) fn uses(&self, code: PromoCodeId, who: AccountId) -> rules::Uses {
        let of = |uses: Option<&u32>| uses.copied().unwrap_or_default();
        rules::Uses {
            all: of(self.all.get(&code)),
            own: of(self.own.get(&(code, who))),
        }
    }

    /// A hold takes a use of its code.
    pub(super) fn take(&mut self, hold: &HoldRow) {
        self.shift(hold, 1);
    }

    /// A hold gives the use of its code back.
    pub(super) fn give_back(&mut self, hold: &HoldRow) {
        self.shift(hold, -1);
    }

    fn shift(&mut self, hold: &HoldRow, by: i32) {
        let Some(HeldPromo { id, .. }) = hold.promo else {
            return;
        };
        let all = self.all.entry(id).or_default();
        *all = all.saturating_add_signed(by);
        let own = self.own.entry((id, hold.account_id)).or_default();
        *own = own.saturating_add_signed(by);
    }
}
