//! What is wrong with a configuration, all of it at once.

use std::fmt::Display;

use crate::failure::Refusal;

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    texts: Vec<String>,
    hint: Option<String>,
}

impl Problems {
    /// One more.
    pub(crate) fn add(&mut self, problem: impl Display) {
        self.texts.push(problem.to_string());
    }

    /// One more, with what to do about it.
    pub(super) fn add_with_hint(&mut self, problem: impl Display, hint: &str) {
        self.add(problem);
        self.hint.get_or_insert_with(|| hint.to_owned());
    }

    /// Those that a step found which could not go on.
    pub(super) fn add_refusal(&mut self, refusal: Refusal) {
        self.texts.push(refusal.to_string());
        self.hint = self.hint.take().or(refusal.hint);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Fails if there is any.
    ///
    /// # Errors
    /// A [`Refusal`] that tells all of them, each on a line of its own.
    pub(crate) fn refuse(self) -> Result<(), Refusal> {
        let message = match &self.texts[..] {
            [] => return Ok(()),
            [only] => only.clone(),
            several => {
                let count = several.len();
                format!("{count} things are wrong with the configuration:\n  {}", several.join("\n  "))
            }
        };
        let refusal = Refusal::usage(message);
        Err(match self.hint {
            Some(hint) => refusal.hint(hint),
            None => refusal,
        })
    }
}
