//! The account forms as they are typed: every field is text.

use serde::{Deserialize, Serialize};

use super::{LogIn, Register, SignupRole, UpdateAccount};
use crate::Patch;

/// The registration form.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RegisterForm {
    /// See [`Register::email`].
    pub email: String,
    /// See [`Register::password`].
    pub password: String,
    /// See [`Register::name`].
    pub name: String,
    /// Empty: made from the name.
    pub handle: String,
    /// `attendee` unless it says `organizer`.
    pub role: String,
}

impl RegisterForm {
    /// What it asks for.
    pub fn into_command(self) -> Register {
        let role = if self.role == "organizer" {
            SignupRole::Organizer
        } else {
            SignupRole::Attendee
        };
        let Self {
            email,
            password,
            name,
            handle,
            ..
        } = self;
        Register {
            email: email.trim().to_owned(),
            password,
            name,
            handle: text(&handle),
            role,
        }
    }

    /// What may be shown again: everything but the password.
    #[must_use]
    pub fn without_password(&self) -> Self {
        Self {
            password: String::new(),
            ..self.clone()
        }
    }
}

impl std::fmt::Debug for RegisterForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterForm")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}

/// The log-in form.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogInForm {
    /// See [`LogIn::email`].
    pub email: String,
    /// See [`LogIn::password`].
    pub password: String,
}

impl LogInForm {
    /// What it asks for.
    pub fn into_command(self) -> LogIn {
        LogIn {
            email: self.email.trim().to_owned(),
            password: self.password,
        }
    }

    /// What may be shown again: everything but the password.
    #[must_use]
    pub fn without_password(&self) -> Self {
        Self {
            email: self.email.clone(),
            password: String::new(),
        }
    }
}

impl std::fmt::Debug for LogInForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogInForm").finish_non_exhaustive()
    }
}

/// The profile form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    /// See [`Register::name`].
    pub name: String,
    /// See [`Register::handle`].
    pub handle: String,
    /// Empty: none.
    pub bio: String,
    /// IANA name.
    pub time_zone: String,
    /// The account's version when the form was made.
    pub version: String,
}

impl ProfileForm {
    /// The form as it was typed, if it was. The version is today's: whoever was told
    /// that the account changed meanwhile and saves again, means it.
    #[must_use]
    pub fn or_typed(self, typed: Option<Self>) -> Self {
        match typed {
            Some(typed) => Self {
                version: self.version,
                ..typed
            },
            None => self,
        }
    }

    /// The edit it asks for.
    pub fn into_command(self) -> UpdateAccount {
        UpdateAccount {
            handle: Some(self.handle.trim().to_owned()),
            name: Some(self.name),
            bio: text(&self.bio).map_or(Patch::Clear, Patch::Set),
            time_zone: text(&self.time_zone),
            locale: None,
        }
    }
}

/// The text of a field; none when it was left empty.
fn text(typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty()).then(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_field_is_no_value() {
        let form = RegisterForm {
            handle: " ".into(),
            email: " a@b.example ".into(),
            ..RegisterForm::default()
        };
        let command = form.into_command();
        assert_eq!(
            (command.handle, command.email.as_str()),
            (None, "a@b.example")
        );
        let edit = ProfileForm::default().into_command();
        assert_eq!((edit.bio, edit.time_zone), (Patch::Clear, None));
    }

    #[test]
    fn nobody_registers_as_admin() {
        let role = |role: &str| {
            RegisterForm {
                role: role.into(),
                ..RegisterForm::default()
            }
            .into_command()
            .role
        };
        assert_eq!(
            [role("organizer"), role("admin"), role("")],
            [
                SignupRole::Organizer,
                SignupRole::Attendee,
                SignupRole::Attendee
            ]
        );
    }

    #[test]
    fn what_is_kept_has_no_password() {
        let form = RegisterForm {
            password: "correct horse".into(),
            name: "Ada".into(),
            ..RegisterForm::default()
        };
        assert_eq!(form.without_password().password, "");
        assert!(!format!("{form:?}").contains("horse"));
        assert_eq!(
            LogInForm {
                email: "a".into(),
                password: "b".into()
            }
            .without_password()
            .password,
            ""
        );
    }
}
