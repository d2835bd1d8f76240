//! What a word that is not known may be meant for. Messages end in it: "did you mean …?"

use strsim::levenshtein;

/// The one among `known` that `word` is nearly: with at most one letter in four
/// replaced, added or left out, capitals and underscores apart.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let word = word.to_lowercase().replace('_', "-");
    let near = |name: &&str| levenshtein(&word, &name.replace('_', "-")) <= name.len().div_ceil(4);
    known.into_iter().filter(near).min_by_key(|name| levenshtein(&word, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_recognised_and_others_are_not() {
        let known = ["keep", "keep-states", "keep-age", "sign-command", "windows", "types", "refuse-signed"];
        let meant = |word| nearest(word, known);
        assert_eq!(meant("keep_states"), Some("keep-states"));
        assert_eq!(meant("Keep_Age"), Some("keep-age"));
        assert_eq!(meant("signcommand"), Some("sign-command"));
        assert_eq!(meant("refuse_signed"), Some("refuse-signed"));
        assert_eq!(meant("window"), Some("windows"));
        assert_eq!(meant("type"), Some("types"));
        assert_eq!(meant("colour"), None);
        assert_eq!(nearest("primry", ["other", "primary"]), Some("primary"));
        assert_eq!(nearest("group_gz", ["group_gz"]), Some("group_gz"));
    }
}
