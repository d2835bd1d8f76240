//! One man page per command, from the same texts as `--help`, and one for the
//! configuration file.
//!
//! `page` knows the language of man pages, `related` what `--help` does not say.

mod config;
mod page;
mod related;

use clap::{Arg, Command};

use self::page::{Page, bold, continued, escaped, italic};
use crate::exit;

/// The command that prints help.
const HELP: &str = "help";
/// The day of the last release, or of the last change of the texts before the first one.
const DATE: &str = "2026-11-29";

/// The pages of `command` and everything below it: file name and content.
pub(crate) fn pages(mut command: Command) -> Vec<(String, Vec<u8>)> {
    // This also gives every command its full name, with hyphens.
    command.build();
    let mut pages = Vec::new();
    collect(&command, "", &mut pages);
    pages.push((config::NAME.to_owned(), config::page()));
    pages
}

/// The pages of a command and of those below it; `words` are its names below the program.
fn collect(command: &Command, words: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    pages.push((format!("{}.1", full_name(command)), page_of(command, words)));
    for child in children(command) {
        let words = format!("{words} {}", child.get_name());
        collect(child, words.trim(), pages);
    }
}

fn children(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|child| child.get_name() != HELP)
}

fn full_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page_of(command: &Command, words: &str) -> Vec<u8> {
    let name = full_name(command);
    let short = if words.is_empty() { name.to_owned() } else { words.replace(' ', "-") };
    let mut page = Page::new(name, &short, 1, DATE);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    page.name(name, &about);
    synopsis(command, words, &mut page);
    page.section("Description");
    page.paragraphs(&sentences(&command.get_long_about().map_or(about, ToString::to_string)));
    options(command, &mut page);
    commands(command, &mut page);
    let after = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    if let Some(outcomes) = block(&after, "Outcomes") {
        page.section("Outcomes");
        for (term, text) in items(&outcomes) {
            page.item(&bold(&term), &capital(&text));
        }
    }
    page.section("Exit status");
    for row in exit::TABLE {
        page.item(&bold(&row.code.to_string()), &capital(row.brief));
    }
    list("Files", related::files(words), &mut page);
    list("Environment", related::environment(words), &mut page);
    page.section("Examples");
    let lines = block(&after, "Examples").unwrap_or_default().replace("\\\n", "");
    let commands: Vec<String> = lines.lines().map(continued).collect();
    page.verbatim(&commands.join("\n"));
    see_also(command, words, &mut page);
    page.into_bytes()
}

fn synopsis(command: &Command, words: &str, page: &mut Page) {
    let usage = command.clone().render_usage().to_string();
    let lines: Vec<&str> = usage.trim_start_matches("Usage: ").lines().map(str::trim).collect();
    let name = format!("createrepo-delta {words}");
    page.section("Synopsis");
    page.usage(name.trim(), &lines);
}

/// Arguments and options below their headings, in the order of `--help`.
fn options(command: &Command, page: &mut Page) {
    page.section("Options");
    let visible: Vec<&Arg> = command.get_arguments().filter(|arg| !arg.is_hide_set()).collect();
    let heading = |arg: &Arg| match arg.get_help_heading() {
        Some(heading) => heading.to_owned(),
        None if arg.is_positional() => "Arguments".to_owned(),
        None => "Options".to_owned(),
    };
    let mut headings: Vec<String> = Vec::new();
    let (positional, others): (Vec<&Arg>, Vec<&Arg>) =
        visible.into_iter().partition(|arg| arg.is_positional());
    let ordered: Vec<&Arg> = positional.into_iter().chain(others).collect();
    for arg in &ordered {
        if !headings.contains(&heading(arg)) {
            headings.push(heading(arg));
        }
    }
    for title in &headings {
        if headings.len() > 1 {
            page.subsection(title);
        }
        for arg in ordered.iter().filter(|arg| heading(arg) == *title) {
            page.item(&term(arg), &[explanation(arg), other_name(arg)].concat());
        }
    }
}

/// An option or argument as it is written.
fn term(arg: &Arg) -> String {
    let values: Vec<String> =
        arg.get_value_names().unwrap_or_default().iter().map(|name| italic(name)).collect();
    if arg.is_positional() {
        return values.join(" ");
    }
    let short = arg.get_short().map(|short| bold(&format!("-{short}")));
    let long = arg.get_long().map(|long| bold(&format!("--{long}")));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let values = if takes_value(arg) { format!(" {}", values.join(" ")) } else { String::new() };
    format!("{}{values}", names.join(", "))
}

/// Whether it is more than a flag.
fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && arg.get_num_args().is_none_or(|number| number.takes_values())
}

/// What an option or argument does, and which values it has.
fn explanation(arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
    let mut paragraphs = vec![sentences(&help)];
    let values: Vec<String> = if takes_value(arg) { arg.get_possible_values() } else { Vec::new() }
        .iter()
        .map(|value| match value.get_help() {
            Some(help) if !value.matches(&help.to_string(), true) => {
                format!("`{}` ({help})", value.get_name())
            }
            _ => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        paragraphs.push(format!("One of {}.", values.join(", ")));
    }
    if let [default] = arg.get_default_values()
        && takes_value(arg)
        && !arg.is_hide_default_value_set()
    {
        paragraphs.push(format!("By default `{}`.", default.to_string_lossy()));
    }
    paragraphs.join("\n\n")
}

/// What else an option is called, as a paragraph that follows others.
fn other_name(arg: &Arg) -> String {
    let alias = arg.get_visible_aliases().unwrap_or_default().pop();
    alias.map_or(String::new(), |alias| format!("\n\n`--{alias}` is another name for this option."))
}

/// Paragraphs that end as sentences do.
fn sentences(text: &str) -> String {
    text.split("\n\n").map(sentence).collect::<Vec<_>>().join("\n\n")
}

/// A sentence, of a text in small letters.
fn capital(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    sentence(&format!("{}{rest}", first.to_uppercase()))
}

/// A text that ends as a sentence does.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', ':', ']']) { text.to_owned() } else { format!("{text}.") }
}

fn commands(command: &Command, page: &mut Page) {
    if children(command).next().is_none() {
        return;
    }
    page.section("Commands");
    for child in children(command) {
        let about = child.get_about().map(ToString::to_string).unwrap_or_default();
        page.item(&reference(&format!("{}(1)", full_name(child))), &sentence(&about));
    }
}

fn list(heading: &str, items: &[related::Item], page: &mut Page) {
    if items.is_empty() {
        return;
    }
    page.section(heading);
    for (term, text) in items {
        page.item(&italic(term), text);
    }
}

/// The pages to look at next: by section, and by name.
fn see_also(command: &Command, words: &str, page: &mut Page) {
    let mut names: Vec<String> = related::see_also(words).iter().map(|name| (*name).to_owned()).collect();
    names.extend(children(command).map(|child| format!("{}(1)", full_name(child))));
    if !words.is_empty() {
        names.push("createrepo-delta(1)".to_owned());
    }
    page.references(&names);
}

impl Page {
    /// SEE ALSO.
    fn references(&mut self, names: &[String]) {
        let mut names = names.to_vec();
        let section = |name: &String| name.rsplit('(').next().map(str::to_owned);
        names.sort_by_key(|name| (section(name), name.clone()));
        let names: Vec<String> = names.iter().map(|name| reference(name)).collect();
        self.section("See also");
        self.source(&names.join(", "));
    }
}

/// The name of a page in bold, its section not.
fn reference(page: &str) -> String {
    let (name, section) = page.split_once('(').unwrap_or((page, ""));
    format!("{}({}", bold(name), escaped(section))
}

/// The lines below a heading of a text, without their indentation.
fn block(text: &str, heading: &str) -> Option<String> {
    let block = text.split("\n\n").find_map(|block| block.strip_prefix(heading)?.strip_prefix(":\n"))?;
    let lines: Vec<&str> = block.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
    Some(lines.join("\n"))
}

/// Terms and texts in lines of two columns; further lines of a text are indented.
fn items(block: &str) -> Vec<(String, String)> {
    let mut items: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.split_once("  "), items.last_mut()) {
            (Some((term, text)), _) if !line.starts_with(' ') => {
                items.push((term.to_owned(), text.trim().to_owned()));
            }
            (_, Some((_, text))) => *text = format!("{text} {}", line.trim()),
            _ => {}
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<(String, String)> {
        let pages = pages(crate::args::command());
        pages.into_iter().map(|(name, page)| (name, String::from_utf8(page).unwrap())).collect()
    }

    #[test]
    fn every_page_has_every_section_and_names_pages_that_exist() {
        let pages = texts();
        assert!(pages.len() > 19, "{}", pages.len());
        for (name, page) in &pages {
            let mut sections = vec!["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"];
            if name.ends_with(".1") {
                sections.extend(["OPTIONS", "EXIT STATUS", "ENVIRONMENT"]);
            }
            for section in sections {
                assert!(page.contains(&format!(".SH \"{section}\"\n")), "{name} has no {section}");
            }
            let (_, see_also) = page.split_once(".SH \"SEE ALSO\"\n").unwrap();
            let names = see_also.replace("\\fB", "").replace("\\fR", "").replace("\\-", "-");
            let names = names.split([',', '\n', ' ']).filter(|name| name.starts_with("createrepo-delta"));
            for other in names {
                let file = other.replace('(', ".").replace(')', "");
                assert!(pages.iter().any(|(name, _)| *name == file), "{name} names {other}");
                assert_ne!(*name, file, "{name} names itself");
            }
        }
    }

    #[test]
    fn lines_that_are_kept_fit_a_narrow_terminal() {
        for (name, page) in texts() {
            for block in page.split(".nf\n").skip(1) {
                let block = block.split(".fi\n").next().unwrap().replace("\\&", "").replace("\\e", "\\");
                for line in block.replace("\\-", "-").replace("\\(dq", "\"").lines() {
                    assert!(line.len() <= page::VERBATIM, "{name}: {line}");
                }
            }
        }
    }
}
