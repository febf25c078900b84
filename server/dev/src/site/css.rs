//! One style sheet out of many: imports are put in place, comments and space removed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::report::Failure;

/// Reads a style sheet and everything it imports.
pub fn bundle(main: &Path) -> Result<String> {
    inline(main, &mut Vec::new())
}

fn inline(file: &Path, open: &mut Vec<PathBuf>) -> Result<String> {
    let step = "bundling the style sheet";
    let Ok(text) = fs::read_to_string(file) else {
        let cause = format!("{} cannot be read", file.display());
        return Err(Failure::new(step, cause, "make the file or remove its @import").into());
    };
    if open.iter().any(|outer| outer == file) {
        bail!("{step}: {} imports itself", file.display());
    }
    open.push(file.to_owned());
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match Import::parse(line.trim()) {
            Some(import) => {
                let path = file.with_file_name(&import.target);
                out.push_str(&import.wrap(&inline(&path, open)?));
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    open.pop();
    Ok(out)
}

/// An `@import` of a file of ours, alone on its line.
struct Import {
    target: String,
    layer: Option<String>,
    media: String,
}

impl Import {
    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("@import")?.trim().strip_suffix(';')?;
        let (target, rest) = if let Some(rest) = rest.strip_prefix("url(") {
            rest.split_once(')')?
        } else {
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split_once(quote)?
        };
        let target = target.trim_matches(['"', '\'', ' ']);
        if target.contains("://") {
            return None;
        }
        let rest = rest.trim();
        let (layer, media) = match rest.strip_prefix("layer(").and_then(|r| r.split_once(')')) {
            Some((name, media)) => (Some(name.to_owned()), media),
            None => (None, rest),
        };
        Some(Self {
            target: target.to_owned(),
            layer,
            media: media.trim().to_owned(),
        })
    }

    fn wrap(&self, text: &str) -> String {
        let mut wrapped = text.to_owned();
        if let Some(layer) = &self.layer {
            wrapped = format!("@layer {layer} {{\n{wrapped}}}\n");
        }
        if !self.media.is_empty() {
            wrapped = format!("@media {} {{\n{wrapped}}}\n", self.media);
        }
        wrapped
    }
}

/// Removes comments and needless space; strings and everything else stay as they are.
pub fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if rest.starts_with("/*") {
            let end = rest[2..].find("*/").map_or(rest.len(), |at| at + 4);
            rest = &rest[end..];
        } else if matches!(next, '"' | '\'') {
            let end = end_of_string(rest, next);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if next.is_whitespace() {
            rest = rest.trim_start();
            push_space(&mut out, rest);
        } else {
            if matches!(next, '{' | '}' | ';' | ',') {
                out.truncate(out.trim_end_matches(' ').len());
            }
            if next == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    out
}

/// One space where two words would otherwise meet.
fn push_space(out: &mut String, rest: &str) {
    let needless = out.is_empty() || out.ends_with(['{', '}', ';', ',', ' ']) || rest.is_empty();
    if !needless {
        out.push(' ');
    }
}

fn end_of_string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squeezing_keeps_strings_and_meaning() {
        let css =
            "/* x */\n.a > .b ,\n.c  {\n  content: \"/* ; } */ \\\" \" ;\n  margin: 0 1px;\n}\n";
        assert_eq!(
            squeeze(css),
            ".a > .b,.c{content: \"/* ; } */ \\\" \";margin: 0 1px}"
        );
    }

    #[test]
    fn squeezing_keeps_spaces_in_calculations_and_selectors() {
        let css = "a :hover { width: calc(1px + 2px) }\n@media (width >= 3px) and print { b {} }";
        assert_eq!(
            squeeze(css),
            "a :hover{width: calc(1px + 2px)}@media (width >= 3px) and print{b{}}"
        );
    }

    #[test]
    fn an_import_knows_its_layer_and_media() {
        let import = Import::parse("@import url(\"base.css\") layer(base) print;").expect("import");
        assert_eq!(import.target, "base.css");
        assert_eq!(
            import.wrap("a{}\n"),
            "@media print {\n@layer base {\na{}\n}\n}\n"
        );
        assert!(Import::parse("@import 'https://a/b.css';").is_none());
    }

    #[test]
    fn a_missing_import_names_the_file() {
        let error = bundle(Path::new("/nonexistent/main.css")).expect_err("must fail");
        assert!(error.to_string().contains("/nonexistent/main.css"));
    }
}
