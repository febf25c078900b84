//! Rules of accounts without I/O: names, handles, passwords that are too well known.

use std::{collections::HashSet, sync::LazyLock};

use types::FieldError;

/// One a line, lower case; what begins with `#` is a comment.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("common_passwords.txt").lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// A name as it is kept: no blanks around, one blank between words, and none of the
/// invisible characters that turn text around or hide in it.
pub fn clean_name(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !is_deceptive(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Bidirectional overrides and isolates, zero-width spaces, the byte order mark. The
/// joiners that emoji and several scripts need stay.
fn is_deceptive(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// What a device calls itself, for the list of devices: one line, at most 200 characters.
pub fn clean_user_agent(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A handle for a name: its letters and digits with hyphens between.
pub fn handle_from(name: &str) -> String {
    let slug = slug::slugify(name);
    let cut: String = slug.chars().take(24).collect();
    let handle = cut.trim_matches('-');
    if handle.len() < 3 {
        format!("guest-{handle}").trim_end_matches('-').to_owned()
    } else {
        handle.to_owned()
    }
}

/// The same handle with five characters that make it different from others.
pub fn handle_with_suffix(handle: &str, random: [u8; 32]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let suffix: String = random
        .iter()
        .take(5)
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    format!("{handle}-{suffix}")
}

/// What an attacker tries first is refused: common passwords, with digits and signs
/// around them too, one character over and over, runs along the keyboard or the
/// alphabet, and what everybody sees of the account.
///
/// # Errors
/// The field error of `password`.
pub fn check_password(password: &str, about: &[&str]) -> Result<(), FieldError> {
    let lower = password.to_lowercase();
    if about
        .iter()
        .any(|text| !text.is_empty() && *text.to_lowercase() == lower)
    {
        return Err(FieldError::new(
            "password",
            "personal",
            "must not be your e-mail, name or handle",
        ));
    }
    if is_common(&lower) {
        return Err(FieldError::new(
            "password",
            "common",
            "is one of the passwords that are tried first",
        ));
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(lower)
        || (core.len() >= 4 && COMMON.contains(core))
        || is_repetition(lower)
        || is_run(lower)
}

/// `aaaaaaaaaa`, `abababababab`, `123123123123`.
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=3).any(|length| {
        chars.len() > length
            && chars
                .iter()
                .zip(chars.iter().cycle().skip(length))
                .take(chars.len() - length)
                .all(|(a, b)| a == b)
    })
}

/// `1234567890`, `abcdefghij`, `qwertyuiop`, each forwards or backwards.
fn is_run(text: &str) -> bool {
    const LINES: [&str; 5] = [
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1q2w3e4r5t6y7u8i9o0p",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    ];
    let backwards: String = text.chars().rev().collect();
    LINES
        .iter()
        .any(|line| line.contains(text) || line.contains(&backwards))
}

/// A language tag by its shape (BCP 47): parts of 1 to 8 letters or digits, the first
/// of 2 or 3 letters.
pub fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language =
        |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let is_subtag = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    parts.next().is_some_and(is_language) && parts.all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::validate;

    #[test]
    fn well_known_passwords_are_refused() {
        for password in [
            "password123",
            "Password123!",
            "PASSWORD1234",
            "1234567890",
            "0987654321",
            "qwertyuiop",
            "poiuytrewq",
            "iloveyou1234",
            "letmein12345",
            "aaaaaaaaaaaa",
            "abababababab",
            "123123123123",
            "!!!admin123!!!",
            "1q2w3e4r5t",
            "1qaz2wsx3edc",
            "Football2024",
            "qwerty123456",
            "p@ssw0rd1234",
            "abcdefghij",
            "welcome12345",
        ] {
            assert_eq!(
                check_password(password, &[]).map_err(|error| error.code),
                Err("common".into()),
                "{password}"
            );
        }
    }

    #[test]
    fn ordinary_passwords_pass() {
        for password in [
            "correct horse battery",
            "tr0ub4dor&3xyz",
            "Ein gutes Passwort",
            "sunny-lamp-7",
            "s3cret-enough",
            "Sup3r-S3cret-Pass",
            "パスワードは秘密です",
            "correct-horse-9",
            "blue mountain 42",
        ] {
            assert_eq!(
                check_password(password, &["mira@example.org", "Mira", "mira"]),
                Ok(()),
                "{password}"
            );
        }
    }

    #[test]
    fn what_everybody_sees_is_no_password() {
        let about = ["Mira@example.org", "Mira Marlowe", "mira-marlowe"];
        for password in ["mira@example.org", "MIRA MARLOWE", "Mira-Marlowe"] {
            assert_eq!(
                check_password(password, &about).map_err(|error| error.code),
                Err("personal".into())
            );
        }
    }

    #[test]
    fn every_common_password_is_in_lower_case() {
        assert!(COMMON.len() > 200);
        assert!(COMMON.iter().all(|line| *line == line.to_lowercase()));
    }

    #[test]
    fn handles_made_from_names_are_valid() {
        for name in [
            "Mira Marlowe",
            "Å",
            "李雷",
            "🎉🎉",
            "x",
            "A very long name that goes on and on and on",
            "--",
            "Jo",
        ] {
            let handle = handle_from(name);
            assert!(
                validate::handle(&handle, &()).is_ok(),
                "{name} gave {handle}"
            );
            let other = handle_with_suffix(&handle, [255; 32]);
            assert!(validate::handle(&other, &()).is_ok(), "{name} gave {other}");
        }
        assert_eq!(handle_from("Mira Marlowe"), "mira-marlowe");
    }

    #[test]
    fn names_lose_what_cannot_be_seen() {
        assert_eq!(
            clean_name("  Mira \t\u{202E}Marlowe\u{200B} "),
            "Mira Marlowe"
        );
        assert_eq!(clean_name("👩\u{200D}🎤 Mira"), "👩\u{200D}🎤 Mira");
        assert_eq!(clean_name("\u{202E}\u{FEFF} "), "");
    }

    #[test]
    fn language_tags_have_a_shape() {
        assert!(
            ["en", "de-AT", "zh-Hant-TW", "sr-Latn"]
                .into_iter()
                .all(is_language_tag)
        );
        assert!(
            !["", "e", "english", "en_US", "en-", "-en", "de-ÄÖ", "12"]
                .into_iter()
                .any(is_language_tag)
        );
    }
}
