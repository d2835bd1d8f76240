//! Values of a configuration file as settings. Each either is what its key
//! wants, or the error says what that is, and what was found.

use std::str::FromStr;

use delta_publish::Threshold;
use toml::Spanned;
use toml::de::DeValue;

use super::source::Source;
use crate::failure::Refusal;
use crate::settings::Settings;
use crate::words::Words;

/// A value, and all that an error has to say of it.
pub(super) struct Value<'a> {
    pub(super) source: &'a Source,
    /// The key with its table, as in `[defaults]`.
    pub(super) what: String,
    pub(super) found: &'a Spanned<DeValue<'a>>,
}

/// How most of a text is quoted in an error, in characters.
const QUOTED: usize = 60;

impl Value<'_> {
    /// Sets the setting `key`, one of [`super::keys::SETTINGS`].
    pub(super) fn set(&self, key: &str, settings: &mut Settings) -> Result<(), Refusal> {
        match key {
            "types" => settings.types = Some(self.texts()?),
            "no-journal" => settings.no_journal = Some(self.flag()?),
            "journal-keep" => settings.journal_keep = Some(self.number(0)?),
            "journal-max-size" => settings.journal_max_size = Some(self.size(self.found)?),
            "journal-text" => {
                let expected = "bytes such as `\"64M\"` or `20000`";
                settings.journal_text = Some(self.either(self.found, expected)?);
            }
            "no-recipe" => settings.no_recipe = Some(self.flag()?),
            "no-deltas" => settings.no_deltas = Some(self.flag()?),
            "windows" => settings.windows = Some(self.number(0)?),
            "half-life" => settings.half_life = Some(self.number(1)?),
            "sizes" => settings.sizes = Some(self.sizes()?),
            "max-size" => settings.max_size = Some(self.size(self.found)?),
            "keep" => settings.keep = Some(self.number(1)?),
            "keep-age" => {
                let expected = "an age such as `\"14d\"` or seconds";
                settings.keep_age = Some(self.either(self.found, expected)?);
            }
            "keep-states" => settings.keep_states = Some(self.number(0)?),
            "sign-command" => settings.sign_command = Some(self.command()?),
            _ => settings.refuse_signed = Some(self.flag()?),
        }
        Ok(())
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Result<&str, Refusal> {
        let text = self.found.get_ref().as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(self.found, "a text that is not empty"))
    }

    fn flag(&self) -> Result<bool, Refusal> {
        self.found.get_ref().as_bool().ok_or_else(|| self.wrong(self.found, "`true` or `false`"))
    }

    fn number<N: FromStr>(&self, least: u8) -> Result<N, Refusal> {
        let number = integer(self.found.get_ref()).filter(|number| *number >= u64::from(least));
        let number = number.and_then(|number| number.to_string().parse().ok());
        number.ok_or_else(|| self.wrong(self.found, &format!("a whole number of at least {least}")))
    }

    fn texts(&self) -> Result<Vec<String>, Refusal> {
        let expected = "an array of texts such as `[\"primary\", \"filelists\"]`";
        let text = |value: &Spanned<DeValue<'_>>| {
            let text = value.get_ref().as_str().filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or_else(|| self.wrong(value, expected))
        };
        let array = self.found.get_ref().as_array().filter(|array| array.iter().next().is_some());
        array.ok_or_else(|| self.wrong(self.found, expected))?.iter().map(text).collect()
    }

    fn sizes(&self) -> Result<Vec<Threshold>, Refusal> {
        let expected = "an array of sizes such as `[\"64K\", \"5%\", \"50%\"]`";
        let array = self.found.get_ref().as_array().filter(|array| array.iter().next().is_some());
        let array = array.ok_or_else(|| self.wrong(self.found, expected))?;
        array.iter().map(|value| self.size(value)).collect()
    }

    fn size(&self, value: &Spanned<DeValue<'_>>) -> Result<Threshold, Refusal> {
        self.either(value, "a size such as `\"64K\"`, `\"5%\"` or `20000`")
    }

    /// Something that is written as a text, or as a number where it has no unit.
    fn either<T: FromStr>(&self, value: &Spanned<DeValue<'_>>, expected: &str) -> Result<T, Refusal> {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            other => integer(other).map(|number| number.to_string()),
        };
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.wrong(value, expected))
    }

    /// A text that is split into words, or an array of the words themselves.
    fn command(&self) -> Result<Words, Refusal> {
        match self.found.get_ref() {
            DeValue::String(text) => text.parse().map_err(|error| {
                let at = self.found.span().start;
                let place = self.source.place(at);
                Refusal::usage(format!("{place}: {}: {error}", self.what))
            }),
            DeValue::Array(_) => self.texts().map(Words),
            _ => Err(self.wrong(self.found, "a command, as a text or an array of words")),
        }
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, expected: &str) -> Refusal {
        self.source.wrong(value.span().start, &self.what, expected, &describe(value.get_ref()))
    }
}

/// A whole number that is not negative.
fn integer(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// What a value is, for people.
pub(super) fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.is_empty() => "an empty text".to_owned(),
        DeValue::String(text) => {
            let mut shown: String = "the text `\"".to_owned();
            shown.extend(text.chars().take(QUOTED).flat_map(char::escape_debug));
            shown + if text.chars().nth(QUOTED).is_some() { "…\"`" } else { "\"`" }
        }
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => format!("`{flag}`"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(array) if array.iter().next().is_none() => "an empty array".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a value makes of a key.
    fn set(key: &str, value: &str) -> Result<Settings, String> {
        let source = Source::of(&format!("{key} = {value}"));
        let table = source.parse().unwrap();
        let value = table.values().next().unwrap();
        let mut settings = Settings::default();
        let value = Value { source: &source, what: format!("`{key}`"), found: value };
        value.set(key, &mut settings).map(|()| settings).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn values_as_people_write_them() {
        assert_eq!(set("types", "['primary']").unwrap().types, Some(vec!["primary".to_owned()]));
        assert_eq!(set("windows", "0x10").unwrap().windows, Some(16));
        assert_eq!(set("half-life", "8").unwrap().half_life, Some(8));
        let sizes = Some(vec![Threshold::Bytes(65_536), Threshold::percent(5), Threshold::Bytes(7)]);
        assert_eq!(set("sizes", "['64K', '5%', 7]").unwrap().sizes, sizes);
        assert_eq!(set("max-size", "'50%'").unwrap().max_size, Some(Threshold::percent(50)));
        assert_eq!(set("keep", "1_000").unwrap().keep.map(usize::from), Some(1000));
        assert_eq!(set("keep-age", "'14d'").unwrap().keep_age.map(|age| age.0), Some(1_209_600));
        assert_eq!(set("keep-age", "3600").unwrap().keep_age.map(|age| age.0), Some(3_600));
        assert_eq!(set("keep-states", "0").unwrap().keep_states, Some(0));
        let words = Some(Words(vec!["sign".to_owned(), "a b".to_owned()]));
        assert_eq!(set("sign-command", "\"sign 'a b'\"").unwrap().sign_command, words);
        assert_eq!(set("sign-command", "['sign', 'a b']").unwrap().sign_command, words);
        assert_eq!(set("refuse-signed", "true").unwrap().refuse_signed, Some(true));
    }

    #[test]
    fn wrong_values_say_what_is_expected_and_what_was_found() {
        let cases = [
            (
                "types",
                "'primary'",
                "an array of texts such as `[\"primary\", \"filelists\"]`, found the text `\"primary\"`",
            ),
            ("types", "[]", "found an empty array"),
            ("types", "['primary', 1]", "found the number 1"),
            ("windows", "-1", "a whole number of at least 0, found the number -1"),
            ("windows", "1.5", "found the number 1.5"),
            ("windows", "'five'", "found the text `\"five\"`"),
            ("half-life", "0", "a whole number of at least 1, found the number 0"),
            ("half-life", "4294967296", "found the number 4294967296"),
            ("sizes", "'5%'", "an array of sizes such as"),
            ("sizes", "['5 %']", "a size such as `\"64K\"`, `\"5%\"` or `20000`, found the text `\"5 %\"`"),
            ("max-size", "['5%']", "found an array"),
            ("keep", "0", "a whole number of at least 1"),
            ("keep-age", "'1w'", "an age such as `\"14d\"` or seconds, found the text `\"1w\"`"),
            ("keep-states", "true", "found `true`"),
            ("sign-command", "{}", "a command, as a text or an array of words, found a table"),
            ("sign-command", "''", "expected a program, found nothing"),
            ("sign-command", "\"gpg 'x\"", "expected a closing `'`"),
            ("refuse-signed", "2026-11-24", "`true` or `false`, found a date"),
            ("refuse-signed", "''", "found an empty text"),
        ];
        for (key, value, part) in cases {
            let message = set(key, value).unwrap_err();
            assert!(message.starts_with(&format!("`test.toml`, line 1: `{key}`: expected ")), "{message}");
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn long_texts_are_not_quoted_whole() {
        let message = set("windows", &format!("'{}'", "x".repeat(1000))).unwrap_err();
        assert!(message.ends_with("xxx…\"`") && message.len() < 200, "{message}");
    }
}
