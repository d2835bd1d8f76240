//! Scripts that complete commands, options and values in shells: those of `clap_complete`,
//! with what it gets wrong mended. They need nothing at run time, so that packages can
//! install them as files.

use clap::{Arg, Command};
use clap_complete::Shell;

/// The script for `shell`.
pub(crate) fn script(shell: Shell, command: &mut Command) -> String {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(shell, command, &name, &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    match shell {
        Shell::Bash => with_one_name(&script, &name),
        Shell::Fish => help_without_itself(&script) + &values_of_arguments(command, &name),
        _ => script,
    }
}

/// bash: a hyphen in the name of the program becomes one thing where the script notes
/// which command it is in, and another where it looks that up, so that nothing is
/// completed below the first word.
fn with_one_name(script: &str, name: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}

/// fish: what `help` is followed by is looked for as long as none of the commands is there,
/// of which it is one itself.
fn help_without_itself(script: &str) -> String {
    let condition = "using_subcommand help; and not __fish_seen_subcommand_from ";
    let mended = |line: &str| {
        if line.contains(condition) { line.replacen(" help\" -", "\" -", 1) } else { line.to_owned() }
    };
    script.lines().map(|line| mended(line) + "\n").collect()
}

/// fish: values of options are completed, those of arguments are not.
fn values_of_arguments(command: &Command, name: &str) -> String {
    let function = format!("__fish_{}_using_subcommand", name.replace('-', "_"));
    let line = |child: &Command, argument: &Arg| {
        let values = argument.get_value_parser().possible_values();
        let values: Vec<String> =
            values.into_iter().flatten().map(|value| value.get_name().to_owned()).collect();
        let (child, values) = (child.get_name(), values.join(" "));
        if values.is_empty() {
            return String::new();
        }
        format!("complete -c {name} -n \"{function} {child}\" -f -a \"{values}\"\n")
    };
    let children = command.get_subcommands();
    children
        .flat_map(|child| child.get_positionals().map(move |argument| (child, argument)))
        .map(|(child, argument)| line(child, argument))
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;
    use crate::args::command;

    #[test]
    fn bash_looks_for_the_names_that_it_notes() {
        let script = script(Shell::Bash, &mut command());
        let noted: Vec<&str> =
            script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\"")?.strip_suffix('"')).collect();
        let noted: Vec<&&str> = noted.iter().filter(|name| !name.is_empty()).collect();
        assert!(noted.len() > 15, "{noted:?}");
        for name in noted {
            assert!(script.contains(&format!("\n        {name})\n")), "{name}");
        }
    }

    #[test]
    fn fish_completes_after_help() {
        let script = script(Shell::Fish, &mut command());
        let line = script.lines().find(|line| line.contains("using_subcommand help; and not"));
        assert!(line.is_some_and(|line| line.contains(" man\" -f -a ")), "{line:?}");
    }

    #[test]
    fn fish_knows_the_shells() {
        let script = script(Shell::Fish, &mut command());
        for shell in Shell::value_variants() {
            let line = script.lines().find(|line| line.contains("using_subcommand completions\" -f -a"));
            assert!(line.is_some_and(|line| line.contains(&shell.to_string())), "{shell}");
        }
    }
}
