//! The text of a configuration file: which line something is in, and how an
//! error says so.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use durable::streams::Input;
use toml::de::DeTable;

use crate::failure::Refusal;

/// Largest configuration file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// A file and its text.
pub(super) struct Source {
    pub(super) file: PathBuf,
    text: String,
}

impl Source {
    /// Reads the file.
    ///
    /// # Errors
    /// A [`Refusal`] where it cannot be read, is larger than 1 MiB, or is not
    /// UTF-8.
    pub(super) fn read(file: &Path) -> Result<Self, Refusal> {
        let refused = |what: String| {
            Refusal::usage(format!("cannot read the configuration file `{}`: {what}", file.display()))
        };
        let mut bytes = Vec::new();
        let read = Input::open(file).map(|open| open.reader().take(MAX_SIZE + 1).read_to_end(&mut bytes));
        read.map_err(|error| refused(error.io().map_or(error.to_string(), ToString::to_string)))?
            .map_err(|error| refused(error.to_string()))?;
        if bytes.len() as u64 > MAX_SIZE {
            return Err(refused(format!("expected at most {MAX_SIZE} bytes, found more")));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            refused(format!("expected UTF-8, found another byte at {}", error.utf8_error().valid_up_to()))
        })?;
        Ok(Self { file: file.to_owned(), text })
    }

    #[cfg(test)]
    pub(super) fn from_text(text: &str) -> Self {
        Self { file: PathBuf::from("test.toml"), text: text.to_owned() }
    }

    /// The tables.
    ///
    /// # Errors
    /// A [`Refusal`] with the line where it is no TOML.
    pub(super) fn parse(&self) -> Result<DeTable<'_>, Refusal> {
        let parsed = DeTable::parse(&self.text);
        parsed.map(toml::Spanned::into_inner).map_err(|error| {
            let at = error.span().map_or(self.text.len(), |span| span.start);
            Refusal::usage(format!("{}: expected TOML, found: {}", self.place(at), error.message()))
        })
    }

    /// The directory that paths in the file are taken from.
    pub(super) fn directory(&self) -> PathBuf {
        let directory = self.file.parent().unwrap_or(Path::new(""));
        std::path::absolute(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })
            .unwrap_or_else(|_| directory.to_owned())
    }

    /// File and line of the byte `at`.
    pub(super) fn place(&self, at: usize) -> String {
        let line = 1 + self.text.match_indices('\n').take_while(|(end, _)| *end < at).count();
        format!("`{}`, line {line}", self.file.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        let source = Source::from_text("a = 1\nb = 2\n");
        assert_eq!(source.place(0), "`test.toml`, line 1");
        assert_eq!(source.place(5), "`test.toml`, line 1");
        assert_eq!(source.place(6), "`test.toml`, line 2");
        assert_eq!(source.place(99), "`test.toml`, line 3");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let source = Source::from_text("[defaults]\nwindows = \n");
        let message = source.parse().unwrap_err().to_string();
        assert!(message.starts_with("`test.toml`, line 2: expected TOML, found: "), "{message}");
        let twice = Source::from_text("[repository.a]\npath = \"a\"\n[repository.a]\n");
        assert!(twice.parse().unwrap_err().to_string().starts_with("`test.toml`, line 3: "));
    }

    #[test]
    fn a_file_that_is_too_large_or_not_text_is_refused() {
        let work = tempfile::tempdir().unwrap();
        let file = work.path().join("config.toml");
        let refused = |bytes: &[u8]| {
            std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), bytes).unwrap();
            Source::read(&file).map(|_| ()).unwrap_err().to_string()
        };
        let size = usize::try_from(MAX_SIZE).unwrap();
        assert!(refused(&vec![b'#'; size + 1]).ends_with("expected at most 1048576 bytes, found more"));
        assert!(refused(b"# \xff").ends_with("expected UTF-8, found another byte at 2"));
        assert!(Source::read(&work.path().join("gone")).is_err());
    }
}
