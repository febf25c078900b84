//! The promo codes of an event: how often each is used, switching off, deleting.

use leptos::{form::ActionForm, html, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    events::{SaleStatus, TicketType},
    promos::{PromoCode, PromoKind},
};

use super::{
    done_note,
    promo_form::{place, promo_form},
};
use crate::{
    components::{
        Alert, Badge, Breadcrumb, Confirm, DoneNote, EmptyState, ErrorSummary, PageHeader,
        Pagination, Skeleton, Submit, Tone, emptied_after,
    },
    links,
    pages::errors::refused,
    rpc::{
        error_of, forgotten_after,
        promos::{CreatePromo, DeletePromo, PromosOfEvent, SwitchPromo, event_promos},
        successes,
    },
};

/// The promo codes of an event, latest first, and a form for another one.
#[component]
pub fn PromoCodes() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let create = ServerAction::<CreatePromo>::new();
    let created = successes(create);
    let doing = Doing {
        create,
        form: emptied_after(created),
        switch: ServerAction::new(),
        delete: ServerAction::new(),
    };
    let (switched, deleted) = (successes(doing.switch), successes(doing.delete));
    forgotten_after(create, move || (switched.get(), deleted.get()));
    forgotten_after(doing.switch, move || (created.get(), deleted.get()));
    forgotten_after(doing.delete, move || (created.get(), switched.get()));
    let (error, switch_error) = (error_of(doing.create), error_of(doing.switch));
    let delete_error = error_of(doing.delete);
    let failed = error.with_untracked(Option::is_some);
    let cursor = move || query.with(|query| query.get("cursor"));
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("slug")).unwrap_or_default(),
                cursor(),
                created.get() + doing.switch.version().get() + doing.delete.version().get(),
            )
        },
        move |(slug, cursor, _)| event_promos(slug, cursor, failed),
    );
    view! {
        <Title text="Promo codes"/>
        <div class="page desk">
            <DoneNote words=done_note errors=vec![error, switch_error, delete_error]/>
            <ErrorSummary error=error place=place/>
            <ErrorSummary error=switch_error/>
            <ErrorSummary error=delete_error/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, cursor().is_some(), doing),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// What can be done on the page.
#[derive(Clone, Copy)]
struct Doing {
    create: ServerAction<CreatePromo>,
    /// Of a new code.
    form: NodeRef<html::Form>,
    switch: ServerAction<SwitchPromo>,
    delete: ServerAction<DeletePromo>,
}

fn content(view: PromosOfEvent, is_later_page: bool, doing: Doing) -> AnyView {
    let crumbs = vec![
        ("/organizer".to_owned(), "My events".to_owned()),
        (links::editor(&view.slug), view.title.clone()),
    ];
    let here = links::organizer(&view.slug, "promo-codes");
    let list = if view.codes.items.is_empty() && !is_later_page {
        view! {
            <EmptyState icon="ticket" title="No promo codes yet" text="A code makes tickets cheaper for those who have it, or opens hidden ones."/>
        }
        .into_any()
    } else {
        let codes = view.codes.items.iter();
        let rows = codes.map(|code| row(code, &view, doing)).collect_view();
        let next = view.codes.next.clone();
        let next = next.map(|next| format!("{here}?cursor={next}"));
        view! {
            <ul class="order-rows" role="list">{rows}</ul>
            <Pagination first=is_later_page.then_some(here) next=next/>
        }
        .into_any()
    };
    let form = if view.is_open {
        promo_form(&view, doing.create, doing.form)
    } else {
        view! { <Alert tone=Tone::Info title="This event is closed. No codes are added any more."/> }.into_any()
    };
    view! {
        <Breadcrumb links=crumbs here="Promo codes"/>
        <PageHeader title="Promo codes" lead=view.title.clone()/>
        {list}
        {form}
    }
    .into_any()
}

fn row(code: &PromoCode, view: &PromosOfEvent, doing: Doing) -> AnyView {
    let badge = if code.is_active {
        view! { <Badge tone=Tone::Success text="On"/> }
    } else {
        view! { <Badge tone=Tone::Quiet text="Off"/> }
    };
    let times = times(code).map(|times| view! { <p class="muted">{times}</p> });
    let ways = view.is_open.then(|| ways(code, &view.slug, doing));
    view! {
        <li class="bought">
            <div class="order-row-text">
                <h2 class="mono">{code.code.clone()}</h2>
                <p>{gives(code, &view.ticket_types)}</p>
                {times}
                <p class="muted">{used(code)}</p>
            </div>
            <div class="order-row-end">{badge}</div>
            {ways}
        </li>
    }
    .into_any()
}

/// `20% off Standard, Early bird. Opens Backstage.`
fn gives(code: &PromoCode, types: &[TicketType]) -> String {
    let names = |ids: &[types::TicketTypeId]| {
        let meant = types.iter().filter(|kind| ids.contains(&kind.id));
        let names: Vec<_> = meant.map(|kind| kind.name.as_str()).collect();
        names.join(", ")
    };
    let what = match code.ticket_type_ids.as_slice() {
        [] => "each ticket".to_owned(),
        ids => names(ids),
    };
    let off = match (code.kind, code.percent, code.amount) {
        (PromoKind::Percent, Some(percent), _) => format!("{percent}% off {what}. "),
        (PromoKind::Amount, _, Some(amount)) => format!("{amount} off {what}. "),
        _ => String::new(),
    };
    match names(&code.unlocks) {
        opened if opened.is_empty() => off.trim_end().to_owned(),
        opened => format!("{off}Opens {opened}."),
    }
}

fn times(code: &PromoCode) -> Option<String> {
    let (from, until) = (&code.valid_from_text, &code.valid_until_text);
    match (from.is_empty(), until.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("From {from}")),
        (true, false) => Some(format!("Until {until}")),
        (false, false) => Some(format!("From {from} until {until}")),
    }
}

fn used(code: &PromoCode) -> String {
    let used = match (code.uses, code.max_uses) {
        (uses, Some(most)) => format!("Used {uses} of {most} times"),
        (0, None) => "Not used yet".to_owned(),
        (1, None) => "Used once".to_owned(),
        (many, None) => format!("Used {many} times"),
    };
    match code.max_uses_per_person {
        None => used,
        Some(1) => format!("{used} · once per person"),
        Some(most) => format!("{used} · {most} times per person"),
    }
}

fn ways(code: &PromoCode, slug: &str, doing: Doing) -> AnyView {
    let (id, slug) = (code.id.to_string(), slug.to_owned());
    let (label, next) = if code.is_active {
        (format!("Switch off {}", code.code), "false")
    } else {
        (format!("Switch on {}", code.code), "true")
    };
    let delete = (code.uses == 0).then(|| delete(code, &slug, doing.delete));
    view! {
        <div class="bought-ways cluster">
            <ActionForm action=doing.switch>
                <input type="hidden" name="event" value=slug/>
                <input type="hidden" name="code" value=id/>
                <input type="hidden" name="is_active" value=next/>
                <Submit label=label pending=doing.switch.pending() class="btn-ghost"/>
            </ActionForm>
            {delete}
        </div>
    }
    .into_any()
}

fn delete(code: &PromoCode, slug: &str, delete: ServerAction<DeletePromo>) -> AnyView {
    let (id, slug) = (code.id.to_string(), slug.to_owned());
    view! {
        <Confirm label=format!("Delete {}…", code.code)>
            <p>"A code that somebody used cannot be deleted, only switched off."</p>
            <ActionForm action=delete>
                <input type="hidden" name="event" value=slug/>
                <input type="hidden" name="code" value=id/>
                <Submit label="Delete it" pending=delete.pending() class="btn-danger"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

/// Is a ticket type for those with a code alone?
pub(super) fn is_hidden(kind: &TicketType) -> bool {
    kind.status == SaleStatus::Hidden
}

#[cfg(test)]
mod tests {
    use types::{Currency, Money, PromoCodeId};

    use super::*;

    fn code() -> PromoCode {
        PromoCode {
            id: "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11"
                .parse::<PromoCodeId>()
                .unwrap(),
            code: "SPRING".into(),
            kind: PromoKind::Percent,
            percent: Some(20),
            amount: None,
            max_uses: None,
            max_uses_per_person: None,
            valid_from: None,
            valid_from_text: String::new(),
            valid_until: None,
            valid_until_text: String::new(),
            ticket_type_ids: vec![],
            unlocks: vec![],
            is_active: true,
            uses: 0,
            created_at: "2027-01-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_code_says_what_it_gives_and_how_often_it_was_used() {
        assert_eq!(gives(&code(), &[]), "20% off each ticket.");
        let five = PromoCode {
            kind: PromoKind::Amount,
            percent: None,
            amount: Some(Money::new(500, Currency::default())),
            uses: 3,
            max_uses: Some(10),
            max_uses_per_person: Some(1),
            ..code()
        };
        assert_eq!(gives(&five, &[]), "€5.00 off each ticket.");
        assert_eq!(used(&five), "Used 3 of 10 times · once per person");
        assert_eq!(used(&code()), "Not used yet");
    }
}
