//! Why one of the shorter ways did not lead to the new file.

use codec::recipe::Recipe;

use crate::error::UpdateError;

/// Why there is no result.
pub(super) enum AttemptError {
    /// What was to be applied does not serve; in one line.
    Unusable(String),
    /// The copy held is damaged, so that nothing can be made of it; in one line.
    DamagedBase(String),
    /// Another way is better; why.
    NotCheapest(String),
    /// As [`AttemptError::Unusable`], and a warning told it.
    Told(String),
    /// The recipe does not give the publisher's file; in one line.
    WrongRecipe(Recipe, String),
    /// The disk fails, with or without deltas.
    Local(UpdateError),
}

impl std::fmt::Display for AttemptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unusable(why)
            | Self::DamagedBase(why)
            | Self::NotCheapest(why)
            | Self::Told(why)
            | Self::WrongRecipe(_, why) => f.write_str(why),
            Self::Local(error) => error.fmt(f),
        }
    }
}

impl AttemptError {
    /// What was to be applied does not serve.
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
    pub(super) fn unusable<E: ToString>(why: E) -> Self {
        Self::Unusable(why.to_string())
    }

    /// The copy held is damaged.
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
    pub(super) fn damaged_base<E: ToString>(why: E) -> Self {
        Self::DamagedBase(format!("the copy held is damaged: {}", why.to_string()))
    }
}

impl From<durable::Error> for AttemptError {
    fn from(error: durable::Error) -> Self {
        Self::Local(error.into())
    }
}
