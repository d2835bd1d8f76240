//! `update` as a whole, against a web server over loopback that misbehaves on
//! purpose. Each case says what is printed, what was fetched, and that the
//! cache is as it was or new, as a whole.

mod case;
mod deltas;
mod flight;
mod full;
mod interrupted;
mod mirrors;
mod repomd_xml;
mod signed;
