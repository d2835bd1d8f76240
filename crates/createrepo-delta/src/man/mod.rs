//! One man page per command, from the same texts as `--help`, and one for the
//! configuration file.

mod config;

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// The command that prints help.
const HELP: &str = "help";

/// The pages of `command` and everything below it: file name and content.
pub(crate) fn pages(command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command;
    // This also gives every command its full name, with hyphens.
    command.build();
    // For the terminal: it has no page.
    command = command.mut_subcommand(HELP, |help| help.hide(true));
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
    pages.push((config::NAME.to_owned(), config::page()?));
    Ok(pages)
}

fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(text) = command.get_after_long_help() {
        sections(&text.to_string(), &mut page)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    pages.push((format!("{name}.1"), page));
    for child in command.get_subcommands().filter(|child| child.get_name() != HELP) {
        collect(child, pages)?;
    }
    Ok(())
}

/// Lines at the margin are headings up to a colon; what follows it, and the lines below,
/// are kept as they are.
fn sections(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut open = false;
    for line in text.lines() {
        let heading = line.split_once(':').filter(|(heading, _)| !heading.starts_with(' '));
        let line = heading.map_or(line, |(_, text)| text.trim_start());
        if let Some((heading, _)) = heading {
            if open {
                writeln!(page, ".fi")?;
            }
            writeln!(page, ".SH \"{}\"\n.nf", heading.to_uppercase())?;
            open = true;
        }
        if !line.is_empty() {
            // The leading `\&` keeps dots and quotes from being commands.
            let line = line.strip_prefix("  ").unwrap_or(line);
            writeln!(page, "\\&{}", escaped(line))?;
        }
    }
    if open {
        writeln!(page, ".fi")?;
    }
    Ok(())
}

/// Text that is no command of the page's language.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-")
}
