//! All routes in one table.

use leptos::{html, prelude::*};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    components::{PageFocus, SiteFooter, SiteHeader, provide_viewer},
    pages::{
        account::{Account, Devices, LogIn, Register},
        checkout::{Basket, Checkout, OrderPage},
        errors::NotFound,
        events::{Browse, EventPage},
        home::Home,
        organizer::{
            CancelEvent, DeleteEvent, EditEvent, MyEvents, NewEvent, Orders as EventOrders,
            Places as EventPlaces, PromoCodes,
        },
        people::Profile,
        tickets::{MyTickets, Orders, TicketPage, TransferPage},
        waiting_room::WaitingRoomPage,
    },
};

/// The app, the same on both sides.
///
/// Every page is rendered whole before its first byte leaves (`SsrMode::Async`):
/// status, title and content are then right without JavaScript too. In-page loading
/// states are for navigation in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_viewer();
    let main = NodeRef::<html::Main>::new();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "EventSphere".to_owned() } else { format!("{title} · EventSphere") }/>
        <Router>
            <a class="skip-link" href="#main" rel="external">"Skip to the content"</a>
            <SiteHeader/>
            <PageFocus main=main/>
            <main id="main" tabindex="-1" node_ref=main>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                    <Route path=path!("/events") view=Browse ssr=SsrMode::Async/>
                    <Route path=path!("/events/:slug") view=EventPage ssr=SsrMode::Async/>
                    <Route path=path!("/events/:slug/waiting-room") view=WaitingRoomPage ssr=SsrMode::Async/>
                    <Route path=path!("/people/:handle") view=Profile ssr=SsrMode::Async/>
                    <Route path=path!("/login") view=LogIn ssr=SsrMode::Async/>
                    <Route path=path!("/register") view=Register ssr=SsrMode::Async/>
                    <Route path=path!("/account") view=Account ssr=SsrMode::Async/>
                    <Route path=path!("/account/devices") view=Devices ssr=SsrMode::Async/>
                    <Route path=path!("/checkout/new") view=Basket ssr=SsrMode::Async/>
                    <Route path=path!("/checkout/:hold") view=Checkout ssr=SsrMode::Async/>
                    <Route path=path!("/orders") view=Orders ssr=SsrMode::Async/>
                    <Route path=path!("/orders/:id") view=OrderPage ssr=SsrMode::Async/>
                    <Route path=path!("/tickets") view=MyTickets ssr=SsrMode::Async/>
                    <Route path=path!("/tickets/:id") view=TicketPage ssr=SsrMode::Async/>
                    <Route path=path!("/transfers/:id") view=TransferPage ssr=SsrMode::Async/>
                    <Route path=path!("/organizer") view=MyEvents ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/new") view=NewEvent ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/edit") view=EditEvent ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/orders") view=EventOrders ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/places") view=EventPlaces ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/promo-codes") view=PromoCodes ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/cancel") view=CancelEvent ssr=SsrMode::Async/>
                    <Route path=path!("/organizer/events/:slug/delete") view=DeleteEvent ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
            <SiteFooter/>
        </Router>
    }
}
