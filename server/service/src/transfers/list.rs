//! The offers somebody gave or got. The cursor is the place of the last item, with whether it
//! was open: an offer that is answered meanwhile moves no other out of the list.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use store::transfers::Place;
use types::{Page, TransferId, paging::PageQuery, transfers::Transfer};
use uuid::Uuid;

use super::views;
use crate::{Ctx, Error, Result, paging::Keyset};

/// The actor's offers, given and got: those that wait for an answer first, then the latest.
///
/// # Errors
/// 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<Transfer>> {
    let account = ctx.account()?;
    let after = query.cursor.as_deref().map(read).transpose()?;
    let query = PageQuery {
        cursor: None,
        ..query
    };
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let rows =
        store::transfers::list_of_account(&mut conn, account, ctx.now(), after, keyset.rows())
            .await?;
    let Page { items, next } = keyset.page(rows, |row| row.transfer.id.0);
    let items = views::views(ctx, &mut conn, items).await?;
    let last = items.last().filter(|_| next.is_some()).map(|last| Place {
        is_open: last.is_open(),
        id: last.id,
    });
    Ok(Page {
        next: last.map(write),
        items,
    })
}

fn write(place: Place) -> String {
    let mut bytes = vec![u8::from(place.is_open)];
    bytes.extend(place.id.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read(cursor: &str) -> Result<Place> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap_or_default();
    let place = match bytes.split_first() {
        Some((is_open @ (0 | 1), id)) => Uuid::from_slice(id).ok().map(|id| Place {
            is_open: *is_open == 1,
            id: TransferId(id),
        }),
        _ => None,
    };
    place.ok_or_else(|| Error::field("cursor", "format", "is not a cursor of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id = TransferId(Uuid::from_u128(7));
        for is_open in [true, false] {
            let place = Place { is_open, id };
            assert_eq!(read(&write(place)).ok(), Some(place));
        }
        for bad in ["", "x", "AA", &URL_SAFE_NO_PAD.encode([2; 17])] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
