//! One man page per command, from the same texts as `--help`.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

/// The pages of `command` and everything below it: file name and content.
pub(crate) fn pages(command: Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = command;
    // This also gives every command its full name, with hyphens.
    command.build();
    let mut pages = Vec::new();
    collect(&command, &mut pages)?;
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
    for child in command.get_subcommands() {
        collect(child, pages)?;
    }
    Ok(())
}

/// Lines at the margin that end in a colon are headings; what is below them is
/// kept as it is.
fn sections(text: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let mut open = false;
    for line in text.lines() {
        let heading = line.strip_suffix(':').filter(|heading| !heading.starts_with(' '));
        if let Some(heading) = heading {
            if open {
                writeln!(page, ".fi")?;
            }
            writeln!(page, ".SH \"{}\"\n.nf", heading.to_uppercase())?;
            open = true;
        } else if !line.is_empty() {
            // The leading `\&` keeps dots and quotes from being commands.
            let line = line.strip_prefix("  ").unwrap_or(line);
            writeln!(page, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-"))?;
        }
    }
    if open {
        writeln!(page, ".fi")?;
    }
    Ok(())
}
