//! The instruction `<?delta-journal …?>` directly below the root: all it says is in
//! pseudo-attributes.
//!
//! What is missing or malformed in it makes it unusable and nothing else. One of another
//! format is passed over.

use std::collections::BTreeMap;

use crate::excerpt::excerpt;
use crate::journal::{FORMAT, Journal, JournalType, MAX_TYPES, NewestSteps, Recipe, is_name};
use crate::ours::JOURNAL;
use crate::read::ReadError;
use crate::value::{Checksum, Location, LocationError, parse_number};
use crate::xml::{Instruction, is_space};

/// Numbers are below this, so that any two can be added.
const LIMIT: u64 = 1 << 63;
/// What numbers are.
const NUMBER: &str = "a number below 2^63";
/// Most bytes of an instruction, which bounds how many items it lists.
const MAX_CONTENT: usize = 64 << 10;
/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// The journal that the instructions of a document name. Where there are several of this format, none
/// is believed.
pub(super) fn read(instructions: &[Instruction<'_>]) -> Result<Option<Journal>, ReadError> {
    let checked = |found: &Instruction<'_>| Some((found.span.start, check(found).transpose()?));
    let mut journals = instructions.iter().filter_map(checked);
    let Some((first, journal)) = journals.next() else {
        return Ok(None);
    };
    if let Some((offset, _)) = journals.next() {
        return Err(ReadError::DuplicateElement { offset, element: element(), first });
    }
    journal.map(Some)
}

/// What errors call it.
fn element() -> String {
    format!("?{JOURNAL}?")
}

/// What an instruction says; nothing where it is of another format.
fn check(instruction: &Instruction<'_>) -> Result<Option<Journal>, ReadError> {
    let fields = Fields { offset: instruction.span.start, found: scan(instruction)? };
    if fields.required("format")? != FORMAT {
        return Ok(None);
    }
    let (location, checksum) = fields.location()?;
    let (head_size, head_digest) = fields.value("head", "`BYTES HEX32`", |text| {
        let (size, digest) = text.split_once(' ')?;
        Some((number(size)?, hex(digest)?))
    })?;
    let types = fields.value("types", "1 to 64 different `TYPE:HEX8`", types)?;
    let newest = fields.optional("newest", "`BYTES:PART,…:HEX32` with a part for each type", |text| {
        newest(text, types.len())
    })?;
    let further = fields.optional("further", "`BYTES,…` beside `newest`", |text| {
        newest.as_ref().and_then(|_| numbers(text))
    })?;
    let newest = newest.map(|newest| NewestSteps { further: further.unwrap_or_default(), ..newest });
    let journal = Journal {
        location,
        checksum,
        size: fields.value("size", NUMBER, number)?,
        head_size,
        head_digest,
        id: fields.value("id", "`HEX8`", hex)?,
        sequence: fields.value("sequence", NUMBER, number)?,
        types,
        recipes: fields
            .optional("recipes", "`TYPE:RECIPE` or `TYPE:RECIPE.CHUNKS` of different types", recipes)?
            .unwrap_or_default(),
        newest,
    };
    let newest_size = journal.newest.as_ref().map_or(Some(0), NewestSteps::size);
    let read = newest_size.and_then(|size| size.checked_add(journal.head_size));
    if read.is_none_or(|read| read > journal.size) {
        let found = "more".to_owned();
        return Err(fields.error("head and newest steps within `size`".to_owned(), found));
    }
    Ok(Some(journal))
}

/// The pseudo-attributes of an instruction.
struct Fields<'a> {
    offset: usize,
    found: BTreeMap<&'a str, &'a str>,
}

impl<'a> Fields<'a> {
    fn error(&self, expected: String, found: String) -> ReadError {
        ReadError::Journal { offset: self.offset, expected, found }
    }

    fn required(&self, name: &str) -> Result<&'a str, ReadError> {
        let value = self.found.get(name).copied();
        value.ok_or_else(|| self.error(format!("attribute `{name}`"), "none".to_owned()))
    }

    /// The value that `read` makes of an attribute, which is to be `expected`.
    fn value<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, ReadError> {
        let text = self.required(name)?;
        let wrong = || self.error(format!("`{name}` as {expected}"), format!("`{}`", excerpt(text)));
        read(text).ok_or_else(wrong)
    }

    fn optional<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, ReadError> {
        self.found.contains_key(name).then(|| self.value(name, expected, read)).transpose()
    }

    /// The location and the checksum in its name.
    fn location(&self) -> Result<(Location, Checksum), ReadError> {
        let href = self.required("href")?;
        let wrong = |why: LocationError| ReadError::Value {
            offset: self.offset,
            element: element(),
            why: why.into(),
        };
        let location = Location::new(href).map_err(wrong)?;
        self.value("href", "a file whose name begins with a SHA-256 and a hyphen", |_| {
            let (digits, _) = location.file_name().split_once('-')?;
            let checksum = Checksum::new("sha256", digits).ok()?;
            (digits.len() == DIGITS && checksum.hex() == digits).then(|| (location.clone(), checksum))
        })
    }
}

/// Takes an instruction apart: names and values in double quotes, each after white space.
fn scan<'a>(instruction: &Instruction<'a>) -> Result<BTreeMap<&'a str, &'a str>, ReadError> {
    let mut found = BTreeMap::new();
    let mut rest = instruction.content;
    let error = |expected: &str, found: &str| ReadError::Journal {
        offset: instruction.span.start,
        expected: expected.to_owned(),
        found: format!("`{}`", excerpt(found)),
    };
    if rest.len() > MAX_CONTENT {
        return Err(error("at most 64 KiB", rest));
    }
    loop {
        let next = rest.trim_start_matches(is_space);
        if next.is_empty() {
            return Ok(found);
        }
        let attribute = next.split_once("=\"").filter(|_| next.len() < rest.len());
        let attribute = attribute.filter(|(name, _)| !name.contains(|c| is_space(c) || "\"'=".contains(c)));
        let value = attribute.and_then(|(name, rest)| Some((name, rest.split_once('"')?)));
        let Some((name, (value, after))) = value.filter(|(name, _)| !name.is_empty()) else {
            return Err(error("white space and an attribute with a value in double quotes", next));
        };
        if found.insert(name, value).is_some() {
            return Err(error("each attribute once", name));
        }
        rest = after;
    }
}

fn number(text: &str) -> Option<u64> {
    parse_number(text).ok().filter(|number| *number < LIMIT)
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split(',').map(number).collect()
}

/// Just so many bytes in lower-case hexadecimal.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 2 * N || !text.bytes().all(is_digit) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// A type before a colon.
fn named(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(name, _)| is_name(name))
}

fn types(text: &str) -> Option<Vec<JournalType>> {
    let mut types: Vec<JournalType> = Vec::new();
    for item in text.split(' ') {
        let (name, id) = named(item)?;
        if types.len() == MAX_TYPES || types.iter().any(|other| other.name == name) {
            return None;
        }
        types.push(JournalType { name: name.to_owned(), id: hex(id)? });
    }
    Some(types)
}

fn recipes(text: &str) -> Option<BTreeMap<String, Recipe>> {
    let small = |text| u8::try_from(number(text)?).ok();
    let mut recipes = BTreeMap::new();
    for item in text.split(' ') {
        let (name, numbers) = named(item)?;
        let recipe = match numbers.split_once('.') {
            Some((recipe, chunks)) => Recipe { number: small(recipe)?, chunks: Some(small(chunks)?) },
            None => Recipe { number: small(numbers)?, chunks: None },
        };
        if recipes.insert(name.to_owned(), recipe).is_some() {
            return None;
        }
    }
    Some(recipes)
}

fn newest(text: &str, types: usize) -> Option<NewestSteps> {
    let (table, rest) = text.split_once(':')?;
    let (parts, digest) = rest.split_once(':')?;
    let parts = numbers(parts).filter(|parts| parts.len() == types)?;
    Some(NewestSteps { table: number(table)?, parts, digest: hex(digest)?, further: Vec::new() })
}
