//! Accounts: who somebody is, how they come in, what others see of them.

mod forms;

pub use forms::{LogInForm, ProfileForm, RegisterForm};

use garde::Validate;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AccountId, LoginId, Patch, patch, validate};

/// What an account may do on the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Finds events and buys tickets.
    Attendee,
    /// Also runs events.
    Organizer,
    /// Runs the platform.
    Admin,
}

impl Role {
    /// May this role create events?
    pub fn may_organize(self) -> bool {
        matches!(self, Self::Organizer | Self::Admin)
    }

    /// The text in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attendee => "attendee",
            Self::Organizer => "organizer",
            Self::Admin => "admin",
        }
    }

    /// The role with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Attendee, Self::Organizer, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == text)
    }
}

/// The roles somebody can choose when registering. Nobody registers as admin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupRole {
    /// See [`Role::Attendee`].
    #[default]
    Attendee,
    /// See [`Role::Organizer`].
    Organizer,
}

impl From<SignupRole> for Role {
    fn from(role: SignupRole) -> Self {
        match role {
            SignupRole::Attendee => Self::Attendee,
            SignupRole::Organizer => Self::Organizer,
        }
    }
}

/// A new account.
#[derive(Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Unique without regard to case.
    #[garde(custom(validate::email))]
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// At least 10 characters and not among the common ones.
    #[garde(custom(validate::password))]
    #[schema(format = Password, min_length = 10, max_length = 200)]
    pub password: String,
    /// Shown to others.
    #[garde(length(chars, max = 80), custom(validate::visible))]
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// Unique without regard to case; made from the name when absent.
    #[serde(default)]
    #[garde(inner(custom(validate::handle)))]
    pub handle: Option<String>,
    /// What the account may do.
    #[garde(skip)]
    pub role: SignupRole,
}

/// Proof of an account.
#[derive(Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// In any case.
    #[garde(length(chars, max = 254))]
    pub email: String,
    /// As typed.
    #[garde(length(chars, max = 200))]
    #[schema(format = Password)]
    pub password: String,
}

/// Where a login happens: what the person will recognize in the list of devices.
#[derive(Clone, Debug, Default)]
pub struct DeviceInfo {
    /// The `User-Agent` header, cut to 200 characters.
    pub user_agent: String,
}

/// An old refresh token for a new pair.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The one from the last answer.
    pub refresh_token: String,
}

/// A short-lived access token and the refresh token that gets the next pair.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenPair {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Single use.
    pub refresh_token: String,
}

/// The answer to register and log in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// Who it is.
    pub account: Account,
    /// Their tokens.
    #[serde(flatten)]
    pub tokens: TokenPair,
}

/// One's own account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Never changes.
    pub id: AccountId,
    /// In links; unique.
    pub handle: String,
    /// Shown to others.
    pub name: String,
    /// Never shown to others.
    pub email: String,
    /// Has a mail to it been answered?
    pub email_verified: bool,
    /// What it may do.
    pub role: Role,
    /// About the person, plain text.
    #[schema(required)]
    pub bio: Option<String>,
    /// A picture.
    #[schema(required)]
    pub avatar_url: Option<String>,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47.
    pub locale: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Rises with every edit; the `ETag` of `/me`.
    #[serde(skip_serializing, default)]
    #[schema(ignore)]
    pub version: i64,
}

/// A merge patch of one's own account.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAccount {
    /// See [`Register::handle`].
    #[serde(
        default,
        deserialize_with = "patch::set",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(inner(custom(validate::handle)))]
    pub handle: Option<String>,
    /// See [`Register::name`].
    #[serde(
        default,
        deserialize_with = "patch::set",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(inner(length(chars, max = 80), custom(validate::visible)))]
    pub name: Option<String>,
    /// At most 2,000 characters.
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[garde(custom(patch_bio))]
    #[schema(value_type = Option<String>)]
    pub bio: Patch<String>,
    /// IANA name.
    #[serde(
        default,
        deserialize_with = "patch::set",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(inner(length(chars, max = 64), custom(validate::visible)))]
    pub time_zone: Option<String>,
    /// BCP 47.
    #[serde(
        default,
        deserialize_with = "patch::set",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(inner(length(chars, min = 2, max = 35), custom(validate::visible)))]
    pub locale: Option<String>,
}

fn patch_bio(bio: &Patch<String>, ctx: &()) -> garde::Result {
    match bio {
        Patch::Set(text) if text.chars().count() > 2000 => {
            Err(garde::Error::new("must have at most 2000 characters"))
        }
        Patch::Set(text) => validate::multi_line(text, ctx),
        Patch::Keep | Patch::Clear => Ok(()),
    }
}

/// What everybody may see of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Never changes.
    pub id: AccountId,
    /// In links.
    pub handle: String,
    /// As they call themselves.
    pub name: String,
    /// Plain text.
    #[schema(required)]
    pub bio: Option<String>,
    /// A picture.
    #[schema(required)]
    pub avatar_url: Option<String>,
    /// Does this person run events?
    pub is_organizer: bool,
    /// When they joined.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// One place where the account is logged in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Device {
    /// For revoking it.
    pub id: LoginId,
    /// `web` or `app`.
    pub kind: LoginKind,
    /// What the device called itself.
    pub user_agent: String,
    /// When it logged in.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last seen, give or take a minute.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen_at: Timestamp,
    /// Is it the one that asks?
    pub is_current: bool,
    /// `last_seen_at` for people, in the account's time zone: `Fri 5 Dec 2026, 20:00`.
    pub last_seen_text: String,
}

/// How a login proves itself on every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    /// A session cookie.
    Web,
    /// Tokens.
    App,
}

/// Who acts, as the edge found out from the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody signed in.
    Anonymous,
    /// A signed-in person.
    Account {
        /// Who.
        id: AccountId,
        /// By which login.
        login: LoginId,
        /// What they may do.
        role: Role,
    },
    /// The platform itself: worker, seed, command line.
    System,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register")
            .field("handle", &self.handle)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn").finish_non_exhaustive()
    }
}
