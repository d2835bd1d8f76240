//! What is known of the terminal that people look at, and whether it is to have colours.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal as _;
use std::os::fd::AsFd;

use anstream::ColorChoice;
use clap::builder::styling::{AnsiColor, Style, Styles};

/// Where a terminal does not tell.
const USUAL_WIDTH: usize = 80;
const USUAL_HEIGHT: usize = 24;
/// Nothing is shown well in less.
const LEAST_WIDTH: usize = 40;
/// The option, which clap knows, too: it is looked for before, because what clap prints may have colours.
const COLOR: &str = "--color";
/// The words that it takes.
pub(crate) const CHOICES: [&str; 3] = ["auto", "always", "never"];

/// How the parser of the command line prints: its errors as our own, all else bold or plain.
pub(crate) fn styles() -> Styles {
    let (plain, bold) = (Style::new(), Style::new().bold());
    Styles::styled()
        .header(bold)
        .usage(bold)
        .literal(bold)
        .placeholder(plain)
        .error(AnsiColor::Red.on_default().bold())
        .valid(bold)
        .invalid(bold)
}

/// How many characters a line of a result may have; nothing where standard output is no terminal: programs and
/// files get whole lines.
pub(crate) fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    Some(size(stdout).0.max(LEAST_WIDTH))
}

/// How many columns and rows standard error has.
pub(crate) fn size_of_stderr() -> (usize, usize) {
    size(std::io::stderr())
}

fn size(terminal: impl AsFd) -> (usize, usize) {
    let told = rustix::termios::tcgetwinsize(terminal);
    let (columns, rows) = told.map_or((0, 0), |size| (size.ws_col.into(), size.ws_row.into()));
    let or = |told: usize, usual| if told == 0 { usual } else { told };
    (or(columns, USUAL_WIDTH), or(rows, USUAL_HEIGHT))
}

/// Whether lines on standard error can be drawn anew, and somebody looks.
pub(crate) fn shows_progress() -> bool {
    std::io::stderr().is_terminal() && !is_dumb()
}

/// Whether the terminal knows nothing but text.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
}

/// Has colours as the words of the command line say; otherwise as the terminal, `NO_COLOR` and
/// `CLICOLOR_FORCE` do.
pub(crate) fn choose_colors(words: impl IntoIterator<Item = OsString>) {
    let forced = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    match choice(words) {
        Some("always") => ColorChoice::Always.write_global(),
        Some("never") => ColorChoice::Never.write_global(),
        // The library takes every terminal of a build system (`CI` is set) for one with colours.
        _ if is_dumb() && !forced => ColorChoice::Never.write_global(),
        _ => {}
    }
}

/// The last choice among words.
fn choice(words: impl IntoIterator<Item = OsString>) -> Option<&'static str> {
    let of = |word: &OsStr| CHOICES.into_iter().find(|choice| word == *choice);
    let mut found = None;
    let mut words = words.into_iter().take_while(|word| word != "--");
    while let Some(word) = words.next() {
        let value = word.to_str().and_then(|word| word.strip_prefix(COLOR)?.strip_prefix('='));
        found = match value {
            Some(value) => of(OsStr::new(value)),
            None if word == COLOR => words.next().as_deref().and_then(of),
            None => found,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_choice_counts() {
        let choice = |words: &[&str]| choice(words.iter().map(OsString::from));
        assert_eq!(choice(&["generate", "--color=never"]), Some("never"));
        assert_eq!(choice(&["--color", "never", "generate", "--color", "always"]), Some("always"));
        assert_eq!(choice(&["generate", "--", "--color=never"]), None);
        assert_eq!(choice(&["--color=often", "--colors=never"]), None);
    }
}
