//! Settings from a file, and the example of one.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use anyhow::{Context, bail};
use clap::{Arg, Command};

use super::PREFIX;

/// The command with the values of a file as its defaults, so that the environment and
/// flags win over them.
///
/// # Errors
/// When the file cannot be read, or has a line or a name that is none.
pub fn with_file(command: Command, path: &Path) -> anyhow::Result<Command> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut values = parse(&text).with_context(|| format!("in {}", path.display()))?;
    let command =
        command.mut_args(
            |arg| match name_of(&arg).and_then(|name| values.remove(&name)) {
                // Once per start, for as long as the program runs.
                Some(value) => arg.default_value(&*Box::leak(value.into_boxed_str())),
                None => arg,
            },
        );
    match values.into_keys().next() {
        Some(unknown) => bail!("{unknown} in {} is not a setting", path.display()),
        None => Ok(command),
    }
}

/// `NAME=value` lines; blank ones and those that begin with `#` mean nothing.
fn parse(text: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let (name, value) = line
                .split_once('=')
                .with_context(|| format!("line {number} is not NAME=value"))?;
            Ok((name.trim().to_owned(), unquoted(value.trim()).to_owned()))
        })
        .collect()
}

fn unquoted(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    inner.unwrap_or(value)
}

fn name_of(arg: &Arg) -> Option<String> {
    let name = arg.get_env()?.to_str()?;
    name.starts_with(PREFIX).then(|| name.to_owned())
}

/// Every setting with its sentence and its default: the text of `.env.example`.
pub fn example(command: &Command) -> String {
    let mut text = String::from(
        "# Every setting of the server, made by `server settings`. Lines without a value are unset.\n\
         # Use it as `server serve --config FILE`, or put the names into the environment.\n",
    );
    for arg in command.get_arguments() {
        let Some(name) = name_of(arg) else { continue };
        // The command line's parser takes the last full stop away.
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let default = arg
            .get_default_values()
            .first()
            .and_then(|value| value.to_str())
            .unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n# {help}.\n{name}={default}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_understood_and_other_lines_refused() {
        let values = parse("# a\n\nA=1\n B = \"x y\" \nC=\n").unwrap();
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(values, [("A", "1"), ("B", "x y"), ("C", "")]);
        assert!(parse("nonsense").is_err());
    }
}
