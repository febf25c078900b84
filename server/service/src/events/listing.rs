//! Lists of events: from the query's words to a filter, from hits to cards.

use std::collections::HashMap;

use jiff::Timestamp;
use store::{
    Conn,
    search::{Filter, Hit, Term},
};
use types::{
    EventId, Page,
    events::{BrowseForm, Event, EventQuery},
    paging::PageQuery,
};

use super::{
    cursor::{self, Place},
    question::Question,
    views,
};
use crate::{Ctx, Result, paging::Keyset, text};

/// Public published events that match, by default those not over.
pub async fn list(ctx: &Ctx, query: EventQuery) -> Result<Page<Event>> {
    let question = Question::read(&query, ctx.now(), &ctx.settings().time_zone)?;
    let mut conn = ctx.db().conn().await?;
    let (mut hits, is_respelled) = search(&mut conn, &question).await?;
    let shown = usize::try_from(question.limit.rows()).unwrap_or(usize::MAX);
    let has_more = hits.len() > shown;
    hits.truncate(shown);
    let next = hits.last().filter(|_| has_more).map(|hit| {
        cursor::write(
            question.binding,
            &Place {
                key: hit.key.clone(),
                id: hit.id,
                is_respelled,
            },
        )
    });
    Ok(Page {
        items: cards_of_hits(ctx, &mut conn, &hits).await?,
        next,
    })
}

/// What the browse page's form asks for. Its days are those of the zone that it names:
/// browsers fill it in, and one that only they know must not spoil the page.
pub async fn browse(ctx: &Ctx, form: BrowseForm) -> Result<Page<Event>> {
    let zone = text::zone(form.time_zone.trim());
    let zone = zone.unwrap_or_else(|| ctx.settings().time_zone.clone());
    list(ctx, form.into_query(ctx.now(), &zone)).await
}

/// Where a public event is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicAddress {
    /// In its link.
    pub slug: String,
    /// When it was last edited.
    pub edited_at: Timestamp,
}

/// All public published events, past ones too, latest first, at most so many.
pub async fn public_addresses(ctx: &Ctx, most: usize) -> Result<Vec<PublicAddress>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut conn = ctx.db().conn().await?;
    let rows = store::events::public_addresses(&mut conn, most).await?;
    let addresses = rows.into_iter().map(|row| PublicAddress {
        slug: row.slug,
        edited_at: row.updated_at,
    });
    Ok(addresses.collect())
}

/// The actor's own events in every state, latest first.
pub async fn list_mine(ctx: &Ctx, query: PageQuery) -> Result<Page<Event>> {
    let account = ctx.account()?;
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let ids =
        store::events::ids_of_organizer(&mut conn, account, keyset.after, keyset.rows()).await?;
    let page = keyset.page(ids, |id| id.0);
    Ok(Page {
        items: cards(ctx, &mut conn, &page.items).await?,
        next: page.next,
    })
}

/// The hits of a page and one more. When nothing at all has the words as typed, they
/// are tried with other spellings; a cursor remembers which it was.
async fn search(conn: &mut Conn, question: &Question) -> Result<(Vec<Hit>, bool)> {
    if question.words.is_empty() {
        return Ok((run(conn, question, question.filter.clone()).await?, false));
    }
    let is_respelled = question
        .after
        .as_ref()
        .is_some_and(|place| place.is_respelled);
    let terms: Vec<_> = question
        .words
        .iter()
        .map(|word| Term {
            word: word.clone(),
            instead: Vec::new(),
        })
        .collect();
    if !is_respelled {
        let hits = run_terms(conn, question, &terms).await?;
        if !hits.is_empty() || question.after.is_some() {
            return Ok((hits, false));
        }
    }
    let mut respelled = Vec::new();
    for term in terms {
        let instead = store::search::spellings(conn, &term.word, &swapped(&term.word)).await?;
        respelled.push(Term { instead, ..term });
    }
    Ok((run_terms(conn, question, &respelled).await?, true))
}

async fn run_terms(conn: &mut Conn, question: &Question, terms: &[Term]) -> Result<Vec<Hit>> {
    let matches = store::search::parse(conn, terms).await?;
    run(
        conn,
        question,
        Filter {
            matches: Some(matches),
            ..question.filter.clone()
        },
    )
    .await
}

async fn run(conn: &mut Conn, question: &Question, filter: Filter) -> Result<Vec<Hit>> {
    let after = question
        .after
        .as_ref()
        .map(|place| (place.key.clone(), place.id));
    Ok(store::search::list(
        conn,
        &filter,
        question.sort,
        after.as_ref(),
        question.limit.rows() + 1,
    )
    .await?)
}

/// The word with each two neighbours swapped.
fn swapped(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let swap = |at: usize| {
        let mut letters = letters.clone();
        letters.swap(at, at + 1);
        letters.into_iter().collect()
    };
    (0..letters.len().saturating_sub(1)).map(swap).collect()
}

async fn cards_of_hits(ctx: &Ctx, conn: &mut Conn, hits: &[Hit]) -> Result<Vec<Event>> {
    let ids: Vec<EventId> = hits.iter().map(|hit| hit.id).collect();
    let distances: HashMap<_, _> = hits
        .iter()
        .filter_map(|hit| Some((hit.id, hit.distance?)))
        .collect();
    let mut events = cards(ctx, conn, &ids).await?;
    for event in &mut events {
        event.distance_km = distances
            .get(&event.id)
            .map(|metres| metres.round() / 1000.0);
    }
    Ok(events)
}

async fn cards(ctx: &Ctx, conn: &mut Conn, ids: &[EventId]) -> Result<Vec<Event>> {
    let rows = store::events::rows(conn, ids, ctx.now()).await?;
    rows.into_iter().map(|row| views::card(ctx, row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_swapped_letter_by_letter() {
        assert_eq!(swapped("jäz"), ["äjz", "jzä"]);
        assert!(swapped("a").is_empty());
    }
}
