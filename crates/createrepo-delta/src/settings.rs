//! What `generate` is told about a repository, in layers: the command line, the
//! repository's table of a configuration file, the table of defaults. A layer
//! says what it wants to say, and leaves the rest to the layer below; what no
//! layer says is the library's default. Nothing is read or written here.

use std::num::NonZeroUsize;

use delta_publish::{JournalOptions, Options, SignCommand, Signing, Threshold, Windows};
use history::Retention;

use crate::args::{Age, Bytes};
use crate::words::Words;

/// One layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) types: Option<Vec<String>>,
    pub(crate) no_journal: Option<bool>,
    pub(crate) journal_keep: Option<usize>,
    pub(crate) journal_max_size: Option<Threshold>,
    pub(crate) journal_text: Option<Bytes>,
    pub(crate) no_recipe: Option<bool>,
    pub(crate) no_deltas: Option<bool>,
    pub(crate) windows: Option<usize>,
    pub(crate) half_life: Option<u32>,
    /// Excludes the two before it.
    pub(crate) sizes: Option<Vec<Threshold>>,
    pub(crate) max_size: Option<Threshold>,
    pub(crate) keep: Option<NonZeroUsize>,
    pub(crate) keep_age: Option<Age>,
    pub(crate) keep_states: Option<usize>,
    /// Excludes `refuse_signed`.
    pub(crate) sign_command: Option<Words>,
    pub(crate) refuse_signed: Option<bool>,
}

impl Settings {
    /// This layer on top of another. Where two settings exclude each other, what
    /// this layer says takes both places.
    pub(crate) fn over(self, below: &Self) -> Self {
        let below = below.clone();
        let windows_end_at_sizes = self.sizes.is_some();
        let windows_are_chosen = self.windows.is_some() || self.half_life.is_some();
        let refuses = self.refuse_signed == Some(true);
        let signs = self.sign_command.is_some();
        Self {
            types: self.types.or(below.types),
            no_journal: self.no_journal.or(below.no_journal),
            journal_keep: self.journal_keep.or(below.journal_keep),
            journal_max_size: self.journal_max_size.or(below.journal_max_size),
            journal_text: self.journal_text.or(below.journal_text),
            no_recipe: self.no_recipe.or(below.no_recipe),
            no_deltas: self.no_deltas.or(below.no_deltas),
            windows: self.windows.or(below.windows.filter(|_| !windows_end_at_sizes)),
            half_life: self.half_life.or(below.half_life.filter(|_| !windows_end_at_sizes)),
            sizes: self.sizes.or(below.sizes.filter(|_| !windows_are_chosen)),
            max_size: self.max_size.or(below.max_size),
            keep: self.keep.or(below.keep),
            keep_age: self.keep_age.or(below.keep_age),
            keep_states: self.keep_states.or(below.keep_states),
            sign_command: self.sign_command.or(below.sign_command.filter(|_| !refuses)),
            refuse_signed: self.refuse_signed.or(below.refuse_signed.filter(|_| !signs)),
        }
    }

    /// What the library is asked for.
    pub(crate) fn options(&self, dry_run: bool) -> Options {
        let mut options = Options::default();
        options.types.clone_from(&self.types);
        options.journal = self.journal();
        options.deltas = self.no_deltas != Some(true);
        if let Some(sizes) = &self.sizes {
            options.windows = Windows::Thresholds(sizes.clone());
        } else if let Windows::Cheapest { most, half_life } = &mut options.windows {
            *most = self.windows.unwrap_or(Windows::usual(options.journal.is_some()));
            *half_life = self.half_life.or(*half_life);
        }
        options.max_size = self.max_size.unwrap_or(options.max_size);
        options.keep_states = self.keep_states.unwrap_or(options.keep_states);
        options.retention = self.retention();
        options.signing = self.signing();
        options.dry_run = dry_run;
        options
    }

    /// What the journal is to be.
    fn journal(&self) -> Option<JournalOptions> {
        let mut options = JournalOptions::default();
        options.generations = self.journal_keep.unwrap_or(options.generations);
        options.max_size = self.journal_max_size.unwrap_or(options.max_size);
        options.text = self.journal_text.map_or(options.text, |text| text.0);
        options.recipe = self.no_recipe != Some(true);
        (self.no_journal != Some(true)).then_some(options)
    }

    /// How many generations are kept.
    pub(crate) fn retention(&self) -> Retention {
        let base = Retention::default();
        Retention {
            generations: self.keep.map_or(base.generations, NonZeroUsize::get),
            max_age: self.keep_age.map(|age| age.0).or(base.max_age),
        }
    }

    /// What becomes of the signature of repomd.xml.
    pub(crate) fn signing(&self) -> Signing {
        match &self.sign_command {
            Some(Words(words)) => Signing::Command(SignCommand::new(words.clone())),
            None if self.refuse_signed == Some(true) => Signing::Refuse,
            None => Signing::Remove,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_layer_wins_and_the_lower_one_fills_in() {
        let upper = Settings { keep_states: Some(1), ..Settings::default() };
        let lower = Settings { keep_states: Some(2), windows: Some(3), ..Settings::default() };
        let both = upper.over(&lower);
        assert_eq!((both.keep_states, both.windows), (Some(1), Some(3)));
    }

    #[test]
    fn what_excludes_each_other_is_replaced_together() {
        let sizes = Settings { sizes: Some(vec![Threshold::percent(5)]), ..Settings::default() };
        let windows = Settings { windows: Some(2), half_life: Some(8), ..Settings::default() };
        let half_life = Settings { half_life: Some(4), ..Settings::default() };
        assert_eq!(sizes.clone().over(&windows), sizes);
        assert_eq!(windows.clone().over(&sizes), windows);
        assert_eq!(half_life.clone().over(&sizes), half_life);
        assert_eq!(half_life.over(&windows), Settings { half_life: Some(4), ..windows });

        let words = Words(vec!["sign".to_owned()]);
        let signs = Settings { sign_command: Some(words), ..Settings::default() };
        let refuses = Settings { refuse_signed: Some(true), ..Settings::default() };
        let allows = Settings { refuse_signed: Some(false), ..Settings::default() };
        assert_eq!(signs.clone().over(&refuses).options(false).signing, signs.options(false).signing);
        assert_eq!(refuses.clone().over(&signs).options(false).signing, Signing::Refuse);
        assert_eq!(allows.clone().over(&refuses).options(false).signing, Signing::Remove);
        assert_eq!(allows.over(&signs).options(false).signing, signs.options(false).signing);
    }

    #[test]
    fn what_nobody_says_is_the_default() {
        let (ours, theirs) = (Settings::default().options(true), Options::default());
        assert!(ours.dry_run);
        assert_eq!(ours.windows, theirs.windows);
        assert_eq!((ours.journal, ours.deltas), (theirs.journal, theirs.deltas));
        assert_eq!((ours.max_size, ours.keep_states), (theirs.max_size, theirs.keep_states));
        assert_eq!(ours.retention, theirs.retention);
        assert_eq!(ours.signing, theirs.signing);
    }
}
