//! Values that are checked once, when they are made, and right from then on:
//! checksums, timestamps, sizes and locations.
//!
//! They know nothing of XML: what comes in has its references resolved.

mod checksum;
mod location;
mod number;
mod timestamp;

pub use checksum::Checksum;
pub use location::{Location, LocationError};
pub(crate) use number::parse_number;
pub use timestamp::Timestamp;

/// Why a text is not a value of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// A checksum type that is empty or not made of ASCII letters and digits.
    #[error("expected a checksum type of ASCII letters and digits, found `{found}`")]
    ChecksumKind {
        /// The start of the text, escaped.
        found: String,
    },
    /// A checksum that is not a whole, nonzero number of bytes in hexadecimal.
    #[error("expected a checksum of hexadecimal digit pairs, found `{found}`")]
    ChecksumHex {
        /// The start of the text, escaped.
        found: String,
    },
    /// A timestamp that is not decimal seconds from 0 to below 2^63.
    #[error("expected seconds from 0 to below 2^63, found `{found}`")]
    Timestamp {
        /// The start of the text, escaped.
        found: String,
    },
    /// A size or version that is not a decimal number of 64 bits.
    #[error("expected a decimal number below 2^64, found `{found}`")]
    Number {
        /// The start of the text, escaped.
        found: String,
    },
    /// A location that must not be followed.
    #[error(transparent)]
    Location(LocationError),
}

impl From<LocationError> for ValueError {
    fn from(error: LocationError) -> Self {
        Self::Location(error)
    }
}
