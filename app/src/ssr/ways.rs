//! Addresses that the server alone sends people to.

use types::orders::HoldForm;

use crate::links;

/// The page that keeps a basket over log in and registration.
pub fn basket(event: &str, form: &HoldForm) -> String {
    let code = match form.promo_code.trim() {
        "" => String::new(),
        code => format!("&code={}", links::escape(code)),
    };
    format!(
        "/checkout/new?event={}&items={}{code}",
        links::escape(event),
        links::escape(&items_text(form))
    )
}

/// The editor of an event, which says what was `done`.
pub fn editor_done(key: &str, done: &str) -> String {
    format!("{}?done={done}", links::editor(key))
}

/// `type:quantity,type:quantity:amount` of the rows that are meant.
fn items_text(form: &HoldForm) -> String {
    let meant = form
        .items
        .iter()
        .filter(|item| !matches!(item.quantity.trim(), "" | "0"));
    let texts = meant.take(20).map(|item| {
        // A comma would begin the next row.
        let amount = match item.amount.trim().replace(',', ".") {
            none if none.is_empty() => none,
            amount => format!(":{amount}"),
        };
        format!("{}:{}{amount}", item.ticket_type_id, item.quantity.trim())
    });
    texts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use types::orders::ItemForm;

    use super::*;
    use crate::links::items_form;

    fn row(id: &str, quantity: &str) -> ItemForm {
        ItemForm {
            ticket_type_id: id.into(),
            quantity: quantity.into(),
            amount: String::new(),
        }
    }

    #[test]
    fn a_basket_survives_the_way_through_a_link() {
        let form = HoldForm {
            items: vec![row("a", "2"), row("b", "0"), row("c", ""), row("d", " 1 ")],
            promo_code: " SPRING ".into(),
        };
        assert!(basket("night", &form).ends_with("&code=SPRING"));
        assert_eq!(
            items_form(&items_text(&form)).items,
            [row("a", "2"), row("d", "1")]
        );
        let generous = ItemForm {
            amount: "12,50".into(),
            ..row("a", "2")
        };
        let form = HoldForm {
            items: vec![generous],
            promo_code: String::new(),
        };
        assert_eq!(items_text(&form), "a:2:12.50");
        assert_eq!(items_form("a:2:12.50").items[0].amount, "12.50");
        assert!(items_form("nonsense").items.is_empty());
    }
}
