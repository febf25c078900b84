//! Register and log in. Both end in a login of a device: for the web the edge puts its
//! id into a session, for an app it comes with tokens.

use jiff::SignedDuration;
use store::{
    Conn, Tx,
    accounts::{AccountRow, EMAIL_KEY, HANDLE_KEY, NewAccount},
    sessions::LoginRow,
};
use types::{
    AccountId, Code, LoginId,
    accounts::{Account, DeviceInfo, LogIn, LoginKind, Register, SignedIn, TokenPair},
    validate,
};

use super::{
    profile::to_account,
    rules,
    tokens::{self, Ingredients},
};
use crate::{Ctx, Error, Result, rate};

/// How often a handle made from a name is made different before giving up.
const HANDLE_TRIES: usize = 5;

/// Makes an account and logs it in for an app (tokens).
///
/// # Errors
/// `EmailTaken`, `HandleTaken`, `Invalid`, `RateLimited`.
pub async fn register(ctx: &Ctx, command: Register, device: DeviceInfo) -> Result<SignedIn> {
    let (account, mut tx) = create(ctx, command).await?;
    let login = add_login(ctx, &mut tx, account.id, LoginKind::App, &device).await?;
    let tokens = first_pair(ctx, &mut tx, &account, login).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account: to_account(account),
        tokens,
    })
}

/// Makes an account and a web login; the edge puts the login's id into the session.
///
/// # Errors
/// `EmailTaken`, `HandleTaken`, `Invalid`, `RateLimited`.
pub async fn register_web(
    ctx: &Ctx,
    command: Register,
    device: DeviceInfo,
) -> Result<(Account, LoginId)> {
    let (account, mut tx) = create(ctx, command).await?;
    let login = add_login(ctx, &mut tx, account.id, LoginKind::Web, &device).await?;
    tx.commit().await?;
    Ok((to_account(account), login))
}

/// Logs in for an app.
///
/// # Errors
/// `InvalidCredentials`, `RateLimited`.
pub async fn log_in(ctx: &Ctx, command: LogIn, device: DeviceInfo) -> Result<SignedIn> {
    let account = prove(ctx, command).await?;
    let mut tx = ctx.db().begin().await?;
    let login = add_login(ctx, &mut tx, account.id, LoginKind::App, &device).await?;
    let tokens = first_pair(ctx, &mut tx, &account, login).await?;
    tx.commit().await?;
    Ok(SignedIn {
        account: to_account(account),
        tokens,
    })
}

/// Logs in on the web; the edge puts the login's id into the session.
///
/// # Errors
/// `InvalidCredentials`, `RateLimited`.
pub async fn log_in_web(
    ctx: &Ctx,
    command: LogIn,
    device: DeviceInfo,
) -> Result<(Account, LoginId)> {
    let account = prove(ctx, command).await?;
    let mut conn = ctx.db().conn().await?;
    let login = add_login(ctx, &mut conn, account.id, LoginKind::Web, &device).await?;
    Ok((to_account(account), login))
}

/// The account of an e-mail and its password. Whether the account exists shows neither
/// in the answer nor in its time.
async fn prove(ctx: &Ctx, command: LogIn) -> Result<AccountRow> {
    validate::check(&command).map_err(Error::invalid)?;
    let email = command.email.trim();
    rate::spend_by_address(ctx, rate::Kind::LoginByAddress).await?;
    rate::spend_by_name(ctx, rate::Kind::LoginByAccount, &email.to_lowercase()).await?;
    let known = find_credentials(ctx, email).await?;
    let (id, hash) = known.unzip();
    let is_proven = ctx
        .services
        .passwords
        .verify(command.password, hash)
        .await?;
    let refused = || Error::new(Code::InvalidCredentials);
    let id = id.filter(|_| is_proven).ok_or_else(refused)?;
    store::accounts::find(&mut *ctx.db().conn().await?, id)
        .await?
        .ok_or_else(refused)
}

async fn find_credentials(ctx: &Ctx, email: &str) -> Result<Option<(AccountId, String)>> {
    // The query runs for every text that Postgres can hold, so that its time tells nothing.
    let asked = if email.contains('\0') { "" } else { email };
    Ok(store::accounts::find_credentials(&mut *ctx.db().conn().await?, asked).await?)
}

/// Checks and inserts a new account; the transaction goes on with its login.
async fn create(ctx: &Ctx, command: Register) -> Result<(AccountRow, Tx)> {
    let command = normalize(command);
    check(&command)?;
    rate::spend_by_address(ctx, rate::Kind::Register).await?;
    let random = ctx.ports().ids.secret();
    let salt = std::array::from_fn(|index| random[index]);
    let password_hash = ctx.services.passwords.hash(command.password, salt).await?;
    let wanted = NewAccount {
        id: ctx.new_id().into(),
        handle: command
            .handle
            .clone()
            .unwrap_or_else(|| rules::handle_from(&command.name)),
        name: command.name,
        email: command.email,
        password_hash,
        role: command.role.into(),
        created_at: ctx.now(),
    };
    let tries = if command.handle.is_some() {
        1
    } else {
        HANDLE_TRIES
    };
    insert(ctx, wanted, tries).await
}

fn normalize(command: Register) -> Register {
    let handle = command
        .handle
        .map(|handle| handle.trim().to_owned())
        .filter(|handle| !handle.is_empty());
    Register {
        name: rules::clean_name(&command.name),
        email: command.email.trim().to_owned(),
        handle,
        ..command
    }
}

fn check(command: &Register) -> Result<()> {
    let about = [
        command.email.as_str(),
        &command.name,
        command.handle.as_deref().unwrap_or_default(),
    ];
    let mut fields = validate::check(command).err().unwrap_or_default();
    let is_judged = fields.iter().any(|field| field.field == "password");
    if !is_judged && let Err(field) = rules::check_password(&command.password, &about) {
        fields.push(field);
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(fields))
    }
}

/// Inserts the account under its handle, or under one with a suffix while tries are left.
async fn insert(ctx: &Ctx, mut account: NewAccount, tries: usize) -> Result<(AccountRow, Tx)> {
    let made = account.handle.clone();
    for left in (0..tries).rev() {
        let mut tx = ctx.db().begin().await?;
        match store::accounts::insert(&mut tx, &account).await {
            Ok(()) => {
                let row = store::accounts::find(&mut tx, account.id).await?;
                return Ok((
                    row.ok_or_else(|| Error::internal("the new account is not there"))?,
                    tx,
                ));
            }
            Err(error) if error.violates(HANDLE_KEY) && left > 0 => {
                account.handle = rules::handle_with_suffix(&made, ctx.ports().ids.secret());
            }
            Err(error) => return Err(taken(error)),
        }
    }
    Err(Error::new(Code::HandleTaken))
}

/// The unique indexes speak for the e-mail and the handle, also under parallel requests.
pub(super) fn taken(error: store::Error) -> Error {
    let code = if error.violates(EMAIL_KEY) {
        Code::EmailTaken
    } else if error.violates(HANDLE_KEY) {
        Code::HandleTaken
    } else {
        return error.into();
    };
    Error::new(code).because(error)
}

async fn add_login(
    ctx: &Ctx,
    conn: &mut Conn,
    account: AccountId,
    kind: LoginKind,
    device: &DeviceInfo,
) -> Result<LoginId> {
    let now = ctx.now();
    let login = LoginRow {
        id: ctx.new_id().into(),
        kind,
        user_agent: rules::clean_user_agent(&device.user_agent),
        created_at: now,
        last_seen_at: now,
    };
    store::sessions::insert_login(conn, account, &login).await?;
    Ok(login.id)
}

async fn first_pair(
    ctx: &Ctx,
    conn: &mut Conn,
    account: &AccountRow,
    login: LoginId,
) -> Result<TokenPair> {
    let refresh_token = tokens::first(ctx.ports().ids.secret());
    add_refresh(ctx, conn, &refresh_token, login).await?;
    ctx.services.tokens.pair(Ingredients {
        account: account.id,
        login,
        role: account.role,
        at: ctx.now(),
        lives_for: lifetime(ctx.settings().access_token_for),
        refresh_token,
    })
}

pub(super) async fn add_refresh(
    ctx: &Ctx,
    conn: &mut Conn,
    token: &str,
    login: LoginId,
) -> Result<()> {
    let now = ctx.now();
    let expires_at = now + lifetime(ctx.settings().refresh_token_for);
    Ok(
        store::sessions::insert_refresh(conn, &tokens::digest(token), login, now, expires_at)
            .await?,
    )
}

pub(super) fn lifetime(duration: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::from_hours(24))
}
