//! Sections of several files that say something of the same thing.

use crate::expand::Variables;
use crate::ini::Section;

use super::Dialect;

/// Sections, the last one of which counts most.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers(Vec<Section>);

impl Layers {
    pub(crate) fn push(&mut self, section: Section) {
        self.0.push(section);
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.0
    }

    /// The values of a key, the one that counts most first.
    fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        self.0.iter().rev().filter_map(move |section| section.get(key))
    }
}

/// What some sections say, with variables replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) layers: &'a Layers,
    pub(crate) variables: &'a Variables,
    pub(crate) dialect: Dialect,
}

impl Said<'_> {
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.texts(key).next()
    }

    /// The value of a setting, as `read` understands it. One that it does not
    /// understand counts for nothing, as with dnf.
    pub(crate) fn value<T>(&self, key: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.texts(key).find_map(|value| read(&value))
    }

    /// A value of these sections with its variables replaced.
    pub(crate) fn expand(&self, value: &str) -> String {
        self.dialect.plain(&self.dialect.expand(value, self.variables))
    }

    /// All values that are given, the one that counts most first.
    pub(crate) fn texts(&self, key: &str) -> impl Iterator<Item = String> {
        self.layers.values(key).map(|value| self.expand(value))
    }
}
