//! What to do about a command line that makes no sense, where the parser does not know.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The option whose value is a command.
const SIGN_COMMAND: &str = "--sign-command";

/// What helps where the words of a signing command were given without quotes, so that the second one was taken for
/// an option of this program.
pub(crate) fn unquoted_command(
    error: &clap::Error,
    words: impl IntoIterator<Item = OsString>,
) -> Option<String> {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else { return None };
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let words: Vec<String> = words.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let option = words.iter().position(|word| word == SIGN_COMMAND)?;
    let [program, arguments @ ..] = words.get(option + 1..)? else { return None };
    // Of short options that are written together the parser names the first.
    let is_unknown = |word: &String| word.starts_with(unknown.as_str());
    (!program.contains(' ') && arguments.first().is_some_and(is_unknown))
        .then(|| format!("quote the command and its arguments: `{SIGN_COMMAND} '{program} {unknown} …'`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(words: &[&str]) -> Option<String> {
        let error = crate::args::command().try_get_matches_from(words).unwrap_err();
        unquoted_command(&error, words.iter().map(OsString::from))
    }

    #[test]
    fn commands_without_quotes_are_recognised() {
        let generate = ["createrepo-delta", "generate", "--history", "HIST", "--sign-command"];
        let said = hint(&[&generate[..], &["gpg", "--detach-sign", "REPO"]].concat()).unwrap();
        assert!(said.ends_with("`--sign-command 'gpg --detach-sign …'`"), "{said}");
        assert!(hint(&[&generate[..], &["gpg", "-ab", "REPO"]].concat()).unwrap().contains("'gpg -a …'"));
        assert_eq!(hint(&[&generate[..], &["gpg -b", "--detach", "REPO"]].concat()), None);
        assert_eq!(hint(&[&generate[..], &["sign", "REPO", "--detach"]].concat()), None);
        assert_eq!(hint(&["createrepo-delta", "verify", "--detach"]), None);
    }
}
