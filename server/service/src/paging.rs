//! Lists by id: the cursor is the id of the last item, so that rows which come or go
//! move nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use types::{Limit, Page, paging::PageQuery};
use uuid::Uuid;

use crate::{Error, Result};

/// Where a page begins and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keyset {
    /// The id of the last item of the page before.
    pub after: Option<Uuid>,
    limit: Limit,
}

impl Keyset {
    /// Reads limit and cursor.
    ///
    /// # Errors
    /// [`types::Code::Invalid`] with `limit` or `cursor`.
    pub fn read(query: &PageQuery) -> Result<Self> {
        Ok(Self {
            after: query.cursor.as_deref().map(id_of).transpose()?,
            limit: limit(query)?,
        })
    }

    /// How many rows to load: one more than shown, to know whether there is a next page.
    pub fn rows(self) -> i64 {
        self.limit.rows() + 1
    }

    /// The page of `rows`.
    pub fn page<T>(self, mut rows: Vec<T>, id: impl Fn(&T) -> Uuid) -> Page<T> {
        let shown = usize::try_from(self.limit.rows()).unwrap_or(usize::MAX);
        let has_more = rows.len() > shown;
        rows.truncate(shown);
        let next = rows
            .last()
            .filter(|_| has_more)
            .map(|last| URL_SAFE_NO_PAD.encode(id(last)));
        Page { items: rows, next }
    }
}

fn limit(query: &PageQuery) -> Result<Limit> {
    query.limit.map_or(Ok(Limit::default()), |limit| {
        Limit::new(limit).ok_or_else(|| Error::field("limit", "range", "must be between 1 and 100"))
    })
}

fn id_of(cursor: &str) -> Result<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes
        .and_then(|bytes| Uuid::from_slice(&bytes).ok())
        .ok_or_else(|| Error::field("cursor", "format", "is not a cursor of this list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(limit: Option<u32>, cursor: Option<&str>) -> PageQuery {
        PageQuery {
            limit,
            cursor: cursor.map(str::to_owned),
        }
    }

    #[test]
    fn a_cursor_is_read_back() {
        let keyset = Keyset::read(&query(Some(2), None)).unwrap();
        let ids = [9, 7, 5].map(Uuid::from_u128);
        let page = keyset.page(ids.to_vec(), |id| *id);
        assert_eq!(page.items, ids[..2]);
        let next = Keyset::read(&query(None, page.next.as_deref())).unwrap();
        assert_eq!(next.after, Some(ids[1]));
    }

    #[test]
    fn the_last_page_has_no_next() {
        let keyset = Keyset::read(&query(Some(2), None)).unwrap();
        assert_eq!(keyset.page(vec![Uuid::nil(); 2], |id| *id).next, None);
    }

    #[test]
    fn bad_limits_and_cursors_are_refused() {
        for (limit, cursor) in [
            (Some(0), None),
            (Some(101), None),
            (None, Some("")),
            (None, Some("x y")),
            (None, Some("AAAA")),
        ] {
            assert!(
                Keyset::read(&query(limit, cursor)).is_err(),
                "{limit:?} {cursor:?}"
            );
        }
    }
}
