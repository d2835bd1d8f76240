//! User names and passwords of zypper: `credentials.cat`, and the files of
//! `credentials.d` that URLs name.
//!
//! What cannot be read counts for nothing, as with zypper: the server then says that
//! it wants some.

use std::path::{Path, PathBuf};

use crate::SetupError;
use crate::files::text;
use crate::network::Login;
use crate::urls;

/// Where they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// Files with sections named by URLs; the first ones count more.
    pub(super) catalogs: Vec<PathBuf>,
    /// The directory of the files that URLs name.
    pub(super) directory: PathBuf,
}

impl Places {
    /// All of the catalogs, in the order in which zypper looks through them: by URL,
    /// and then by user.
    pub(super) fn catalog(&self) -> Result<Vec<(String, Login)>, SetupError> {
        let mut all = Vec::new();
        for file in &self.catalogs {
            let mut entries = parse(&text(file)?.unwrap_or_default());
            entries.retain(|(url, _)| !url.is_empty());
            entries.sort_by(|(a, x), (b, y)| (a, &x.user).cmp(&(b, &y.user)));
            all.extend(entries);
        }
        Ok(all)
    }

    /// What the file called `name` in a URL has.
    pub(super) fn named(&self, name: &str) -> Result<Option<Login>, SetupError> {
        let path = Path::new(name);
        let file = match path.file_name() {
            _ if path.is_absolute() => path.to_owned(),
            Some(name) => self.directory.join(name),
            None => return Ok(None),
        };
        let entries = parse(&text(&file)?.unwrap_or_default());
        Ok(entries
            .into_iter()
            .min_by(|(a, x), (b, y)| (a, &x.user).cmp(&(b, &y.user)))
            .map(|(_, login)| login))
    }
}

/// Places and what is for them; those without a section are for an empty one. A URL may
/// come several times, with several users.
fn parse(text: &str) -> Vec<(String, Login)> {
    let mut entries = vec![(String::new(), Login { user: String::new(), password: String::new() })];
    for line in text.lines().map(str::trim) {
        if let Some(url) = line.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            entries.push((urls::place(url.0), Login { user: String::new(), password: String::new() }));
        } else if let Some((key, value)) = line.split_once('=')
            && !line.starts_with(['#', ';'])
            && let Some((_, login)) = entries.last_mut()
        {
            match key.trim_end() {
                "username" => value.trim_start().clone_into(&mut login.user),
                "password" => value.trim_start().clone_into(&mut login.password),
                _ => {}
            }
        }
    }
    entries.retain(|(_, login)| !login.user.is_empty() && !login.password.is_empty());
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_may_repeat_and_values_are_plain() {
        let text = "# c\r\nusername = u%40x\r\npassword=p = @ö\r\n[HTTP://x:y@Host/a?b=c]\nusername=1\npassword=2\n\
                    [http://host/a]\nusername=3\npassword=4\n[http://none/]\nusername=5\n";
        let login =
            |user: &str, password: &str| Login { user: user.to_owned(), password: password.to_owned() };
        let expected = [
            (String::new(), login("u%40x", "p = @ö")),
            ("http://host/a".to_owned(), login("1", "2")),
            ("http://host/a".to_owned(), login("3", "4")),
        ];
        assert!(parse(text) == expected);
    }
}
