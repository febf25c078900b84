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
        links::escape(&links::items_text(form))
    )
}

/// Where people join the line for tickets of an event.
pub fn waiting_list(key: &str) -> String {
    format!("{}#waiting-list", links::event(key))
}

/// The editor of an event, which says what was `done`.
pub fn editor_done(key: &str, done: &str) -> String {
    format!("{}?done={done}", links::editor(key))
}

#[cfg(test)]
mod tests {
    use types::orders::ItemForm;

    use super::*;

    #[test]
    fn a_basket_takes_its_code_along() {
        let chosen = ItemForm {
            ticket_type_id: "a".into(),
            quantity: "2".into(),
            amount: String::new(),
        };
        let form = HoldForm {
            items: vec![chosen],
            promo_code: " SPRING ".into(),
        };
        assert_eq!(
            basket("night", &form),
            "/checkout/new?event=night&items=a%3A2&code=SPRING"
        );
    }
}
