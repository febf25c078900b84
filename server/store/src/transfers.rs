//! Offers of tickets to somebody else.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    AccountId, EventId, TicketId, TicketTypeId, TransferId, tickets::TicketStatus,
    transfers::TransferStatus,
};
use uuid::Uuid;

use crate::{Conn, Result, decode::known};

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferRow {
    /// The offer.
    pub id: TransferId,
    /// The giver's ticket.
    pub ticket_id: TicketId,
    /// Of which event.
    pub event_id: EventId,
    /// Who gives.
    pub giver_id: AccountId,
    /// As the giver wrote it.
    pub recipient_text: String,
    /// Who may accept, or has; `None` while an offer by link is open to whoever has the link.
    pub recipient_id: Option<AccountId>,
    /// The ticket it became.
    pub new_ticket_id: Option<TicketId>,
    /// As written down; an offer may have run out since.
    pub status: TransferStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
}

/// An offer with what people read of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// The offer.
    pub transfer: TransferRow,
    /// Of the giver's ticket.
    pub ticket_status: TicketStatus,
    /// Of the ticket.
    pub ticket_type_id: TicketTypeId,
    /// The type's name now.
    pub ticket_type_name: String,
    /// As the giver is called.
    pub giver_name: String,
    /// Of the giver's profile.
    pub giver_handle: String,
    /// As the recipient is called, once known.
    pub recipient_name: Option<String>,
    /// Of the recipient's profile.
    pub recipient_handle: Option<String>,
}

struct Raw {
    id: Uuid,
    ticket_id: Uuid,
    event_id: Uuid,
    giver_id: Uuid,
    recipient_text: String,
    recipient_id: Option<Uuid>,
    new_ticket_id: Option<Uuid>,
    status: String,
    created_at: jiff_sqlx::Timestamp,
    expires_at: jiff_sqlx::Timestamp,
    ticket_status: String,
    ticket_type_id: Uuid,
    ticket_type_name: String,
    giver_name: String,
    giver_handle: String,
    recipient_name: Option<String>,
    recipient_handle: Option<String>,
}

impl Raw {
    fn row(self) -> Result<OfferRow> {
        Ok(OfferRow {
            transfer: TransferRow {
                id: self.id.into(),
                ticket_id: self.ticket_id.into(),
                event_id: self.event_id.into(),
                giver_id: self.giver_id.into(),
                recipient_text: self.recipient_text,
                recipient_id: self.recipient_id.map(Into::into),
                new_ticket_id: self.new_ticket_id.map(Into::into),
                status: known(TransferStatus::from_text(&self.status), &self.status)?,
                created_at: self.created_at.to_jiff(),
                expires_at: self.expires_at.to_jiff(),
            },
            ticket_status: known(
                TicketStatus::from_text(&self.ticket_status),
                &self.ticket_status,
            )?,
            ticket_type_id: self.ticket_type_id.into(),
            ticket_type_name: self.ticket_type_name,
            giver_name: self.giver_name,
            giver_handle: self.giver_handle,
            recipient_name: self.recipient_name,
            recipient_handle: self.recipient_handle,
        })
    }
}

/// New offers.
pub async fn insert(conn: &mut Conn, transfers: &[&TransferRow]) -> Result<()> {
    let column = |f: fn(&TransferRow) -> Uuid| transfers.iter().map(|t| f(t)).collect::<Vec<_>>();
    let texts: Vec<_> = transfers.iter().map(|t| t.recipient_text.clone()).collect();
    let recipients: Vec<_> = transfers
        .iter()
        .map(|t| t.recipient_id.map(|id| id.0))
        .collect();
    let tickets: Vec<_> = transfers
        .iter()
        .map(|t| t.new_ticket_id.map(|id| id.0))
        .collect();
    let statuses: Vec<_> = transfers.iter().map(|t| t.status.as_str()).collect();
    let created: Vec<_> = transfers.iter().map(|t| t.created_at.to_sqlx()).collect();
    let expires: Vec<_> = transfers.iter().map(|t| t.expires_at.to_sqlx()).collect();
    sqlx::query!(
        r#"
        INSERT INTO transfers (id, ticket_id, event_id, giver_id, recipient_text, recipient_id, new_ticket_id, status,
            created_at, expires_at, updated_at)
        SELECT offer.id, offer.ticket_id, offer.event_id, offer.giver_id, offer.recipient_text, offer.recipient_id,
            offer.new_ticket_id, offer.status, offer.created_at, offer.expires_at, offer.created_at
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::text[],
                $9::timestamptz[], $10::timestamptz[])
            AS offer (id, ticket_id, event_id, giver_id, recipient_text, recipient_id, new_ticket_id, status,
                created_at, expires_at)
        "#,
        &column(|t| t.id.0),
        &column(|t| t.ticket_id.0),
        &column(|t| t.event_id.0),
        &column(|t| t.giver_id.0),
        &texts,
        &recipients as _,
        &tickets as _,
        &statuses as _,
        &created as _,
        &expires as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down what became of offers, and of whom.
pub async fn set_statuses(
    conn: &mut Conn,
    transfers: &[&TransferRow],
    now: Timestamp,
) -> Result<()> {
    let ids: Vec<_> = transfers.iter().map(|t| t.id.0).collect();
    let statuses: Vec<_> = transfers.iter().map(|t| t.status.as_str()).collect();
    let recipients: Vec<_> = transfers
        .iter()
        .map(|t| t.recipient_id.map(|id| id.0))
        .collect();
    let tickets: Vec<_> = transfers
        .iter()
        .map(|t| t.new_ticket_id.map(|id| id.0))
        .collect();
    sqlx::query!(
        r#"
        UPDATE transfers SET status = step.status, recipient_id = step.recipient_id,
            new_ticket_id = step.new_ticket_id, updated_at = $5
        FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[]) AS step (id, status, recipient_id, new_ticket_id)
        WHERE transfers.id = step.id
        "#,
        &ids,
        &statuses as _,
        &recipients as _,
        &tickets as _,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Offers with these ids, and those of these tickets that were not answered.
pub async fn list(
    conn: &mut Conn,
    ids: &[TransferId],
    tickets: &[TicketId],
) -> Result<Vec<OfferRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let tickets: Vec<_> = tickets.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT transfer.id, transfer.ticket_id, transfer.event_id, transfer.giver_id, transfer.recipient_text,
            transfer.recipient_id, transfer.new_ticket_id, transfer.status, transfer.created_at, transfer.expires_at,
            ticket.status AS ticket_status, ticket.ticket_type_id, kind.name AS ticket_type_name,
            giver.name AS giver_name, giver.handle AS giver_handle,
            recipient.name AS "recipient_name?", recipient.handle AS "recipient_handle?"
        FROM transfers transfer
        JOIN tickets ticket ON ticket.id = transfer.ticket_id
        JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        JOIN accounts giver ON giver.id = transfer.giver_id
        LEFT JOIN accounts recipient ON recipient.id = transfer.recipient_id
        WHERE transfer.id = ANY($1) OR (transfer.ticket_id = ANY($2) AND transfer.status = 'offered')
        ORDER BY transfer.id
        "#,
        &ids,
        &tickets
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// The place of an offer in its list: the open ones come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Could it be answered when the page was made?
    pub is_open: bool,
    /// The offer.
    pub id: TransferId,
}

/// The offers somebody gave or got, the open ones first, then the latest; those behind `after`.
pub async fn list_of_account(
    conn: &mut Conn,
    account: AccountId,
    now: Timestamp,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<OfferRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT transfer.id, transfer.ticket_id, transfer.event_id, transfer.giver_id, transfer.recipient_text,
            transfer.recipient_id, transfer.new_ticket_id, transfer.status, transfer.created_at, transfer.expires_at,
            ticket.status AS ticket_status, ticket.ticket_type_id, kind.name AS ticket_type_name,
            giver.name AS giver_name, giver.handle AS giver_handle,
            recipient.name AS "recipient_name?", recipient.handle AS "recipient_handle?"
        FROM transfers transfer
        JOIN tickets ticket ON ticket.id = transfer.ticket_id
        JOIN ticket_types kind ON kind.id = ticket.ticket_type_id
        JOIN accounts giver ON giver.id = transfer.giver_id
        LEFT JOIN accounts recipient ON recipient.id = transfer.recipient_id
        CROSS JOIN LATERAL (
            SELECT transfer.status = 'offered' AND transfer.expires_at > $2 AND ticket.status = 'valid' AS is_open
        ) state
        WHERE (transfer.giver_id = $1 OR transfer.recipient_id = $1)
          AND ($3::boolean IS NULL OR (state.is_open, transfer.id) < ($3, $4::uuid))
        ORDER BY state.is_open DESC, transfer.id DESC LIMIT $5
        "#,
        account.0,
        now.to_sqlx() as _,
        after.map(|place| place.is_open),
        after.map(|place| place.id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}
