//! Detached `OpenPGP` signatures: whether one is armored as it should be, and whether
//! it is true.
//!
//! ```
//! let html = b"<html>404</html>";
//! let error = signatures::check_armored(html).unwrap_err();
//! assert!(error.to_string().contains("-----BEGIN PGP SIGNATURE-----"));
//! ```
//!
//! Only the armor is understood here ([`check_armored`]); what the packets say is for
//! gpgv to tell ([`Keyring::verify`]). Programs are run by [`run`], which always comes
//! back: after a time limit, and whatever processes the program leaves behind.
//!
//! What it deliberately does not do: it signs nothing, sees no private key, and
//! decides nothing about what an unsigned file may be used for.

mod armor;
mod gpgv;
mod keyring;
mod run;

pub use durable::Error as FileError;

pub use armor::{ArmorError, check_armored};
pub use gpgv::{PROGRAM, VerifyError};
pub use keyring::{Keyring, KeyringError};
pub use run::{ProgramOutput, RunError, run};
