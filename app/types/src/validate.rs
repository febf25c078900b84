//! Rules of single values, the same in the browser and on the server. Commands
//! carry them as `garde` attributes; [`check`] turns a report into field errors.

pub use garde::Validate;

use crate::FieldError;

/// A password has at least this many characters.
pub const PASSWORD_MIN: usize = 10;
/// … and at most this many, so that hashing stays bounded.
pub const PASSWORD_MAX: usize = 200;

/// All violations of a command's own rules, with the path of each field.
///
/// # Errors
/// The list is never empty.
pub fn check<T>(command: &T) -> Result<(), Vec<FieldError>>
where
    T: Validate,
    T::Context: Default,
{
    let Err(report) = command.validate() else {
        return Ok(());
    };
    Err(report
        .iter()
        .map(|(path, error)| {
            let message = error.message();
            FieldError::new(path.to_string(), code_of(message), message)
        })
        .collect())
}

/// The machine-readable kind of a garde message.
fn code_of(message: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("must not be blank", "required"),
        ("lower than", "too_short"),
        ("at least", "too_short"),
        ("greater than", "too_long"),
        ("at most", "too_long"),
    ];
    KINDS
        .iter()
        .find(|(part, _)| message.contains(part))
        .map_or("format", |(_, code)| code)
}

/// Text that a person sees must hold something to see and no control characters.
///
/// # Errors
/// A message for the person.
pub fn visible(value: &str, _: &()) -> garde::Result {
    if value.trim().is_empty() {
        return Err(garde::Error::new("must not be blank"));
    }
    single_line(value, &())
}

/// No control characters (Unicode category Cc), which includes line breaks.
///
/// # Errors
/// A message for the person.
pub fn single_line(value: &str, _: &()) -> garde::Result {
    if value.chars().any(char::is_control) {
        return Err(garde::Error::new("must be a single line of plain text"));
    }
    Ok(())
}

/// Text of several lines: line breaks and tabs, but no other control characters
/// (Postgres cannot store NUL).
///
/// # Errors
/// A message for the person.
pub fn multi_line(value: &str, _: &()) -> garde::Result {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if value.chars().any(forbidden) {
        return Err(garde::Error::new("must be plain text"));
    }
    Ok(())
}

/// `http` or `https` with a host.
///
/// # Errors
/// A message for the person.
pub fn web_address(value: &str, _: &()) -> garde::Result {
    let rest = value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"));
    let is_address = rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with('/')
            && !value.chars().any(|c| c.is_whitespace() || c.is_control())
    });
    if is_address {
        Ok(())
    } else {
        Err(garde::Error::new(
            "must be an address like https://example.org",
        ))
    }
}

/// 3 to 30 characters `a-z 0-9 _ -`, beginning and ending with a letter or digit.
///
/// # Errors
/// A message for the person.
pub fn handle(value: &str, _: &()) -> garde::Result {
    let alnum = |c: char| c.is_ascii_alphanumeric();
    let fits = (3..=30).contains(&value.len())
        && value.chars().all(|c| alnum(c) || c == '_' || c == '-')
        && value.starts_with(alnum)
        && value.ends_with(alnum);
    if fits {
        Ok(())
    } else {
        Err(garde::Error::new(
            "must be 3 to 30 letters, digits, - or _, and begin and end with a letter or digit",
        ))
    }
}

/// The shape of an e-mail address: one `@`, something before it, a dotted host
/// behind it, no blanks, at most 254 characters (RFC 5321).
///
/// # Errors
/// A message for the person.
pub fn email(value: &str, _: &()) -> garde::Result {
    let fits = value.len() <= 254
        && value.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && local.len() <= 64
                && !host.contains('@')
                && host.split('.').count() >= 2
                && host.split('.').all(|label| {
                    !label.is_empty()
                        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                })
        })
        && !value.chars().any(|c| c.is_whitespace() || c.is_control());
    if fits {
        Ok(())
    } else {
        Err(garde::Error::new("must be an e-mail address"))
    }
}

/// Length of a new password in characters.
///
/// # Errors
/// A message for the person.
pub fn password(value: &str, _: &()) -> garde::Result {
    match value.chars().count() {
        n if n < PASSWORD_MIN => Err(garde::Error::new("must have at least 10 characters")),
        n if n > PASSWORD_MAX => Err(garde::Error::new("must have at most 200 characters")),
        _ => Ok(()),
    }
}
