//! From what people type to a type's track and its generations.

use std::path::Path;

use history::{Hex, History, Track};

use crate::args::Selector;
use crate::failure::Refusal;
use crate::hints::word;
use crate::number;

/// The track of a type that the history has.
pub(super) fn track(history: &History, dir: &Path, data_type: &str) -> anyhow::Result<Track> {
    let types = history.types()?;
    if !types.iter().any(|known| known == data_type) {
        let message = format!("the history `{}` has nothing of type `{data_type}`", dir.display());
        let known =
            if types.is_empty() { "it is empty".to_owned() } else { format!("it has {}", types.join(", ")) };
        return Err(Refusal::usage(message).hint(known).into());
    }
    Ok(history.track(data_type)?)
}

/// Where the generation is that was asked for.
pub(super) fn generation(
    track: &Track,
    dir: &Path,
    data_type: &str,
    selector: &Selector,
) -> Result<usize, Refusal> {
    let hint = || format!("`createrepo-delta history show {} {data_type}` lists the generations", word(dir));
    let found = match selector {
        Selector::Index(index) if *index < track.generations().len() => vec![*index],
        Selector::Index(_) => Vec::new(),
        Selector::Sha256(prefix) => {
            let of = |index: &usize| Hex(&track.generations()[*index].open_sha256).to_string();
            (0..track.generations().len()).filter(|index| of(index).starts_with(prefix)).collect()
        }
    };
    match (found.as_slice(), selector) {
        ([index], _) => Ok(*index),
        ([], Selector::Index(index)) => {
            let number = number::count(track.generations().len(), "generation");
            Err(Refusal::usage(format!("there is no generation {index}: `{data_type}` has {number}"))
                .hint(hint()))
        }
        ([], Selector::Sha256(prefix)) => {
            let message = format!("no generation of `{data_type}` has a SHA-256 that starts with `{prefix}`");
            Err(Refusal::usage(message).hint(hint()))
        }
        (several, _) => {
            let message = format!("{} are meant", number::count(several.len(), "generation"));
            Err(Refusal::usage(message).hint("give more digits"))
        }
    }
}
