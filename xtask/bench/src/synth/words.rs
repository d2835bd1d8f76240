//! The vocabulary: English words for texts and files, syllables for names.

use std::sync::LazyLock;
use xtask_common::random::below;

/// Words, written one after the other.
type Words = LazyLock<Vec<&'static str>>;

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

/// What software does, in the third person.
pub(super) static VERBS: Words = Words::new(|| {
    words(
        "reads writes sorts joins splits converts renders compiles checks signs fetches caches indexes
         searches filters merges packs unpacks encodes decodes parses prints plots measures simulates
         schedules monitors records replays mirrors routes resolves translates validates formats highlights
         compares aligns generates transforms streams mixes scales archives restores exports imports
         annotates verifies balances traces profiles debugs emulates wraps extends",
    )
});

/// What it does that to.
pub(super) static NOUNS: Words = Words::new(|| {
    words(
        "tables images sounds messages packets records documents archives streams queues trees graphs
         meshes fonts icons themes locales calendars contacts maps routes tiles sensors devices volumes
         snapshots mailboxes feeds pages forms widgets windows sessions tokens keys certificates signatures
         passwords accounts clusters containers jobs timers events logs metrics traces vectors matrices
         polynomials sequences genomes molecules orbits spectra samples scores chords rhythms puzzles
         boards cards levels sprites scenes shaders textures grammars parsers templates macros schemas
         queries indexes ledgers invoices",
    )
});

/// How it does that, or what that is like.
pub(super) static ADJECTIVES: Words = Words::new(|| {
    words(
        "small large fast simple portable remote local nested typed binary structured compressed encrypted
         signed shared static dynamic parallel embedded graphical interactive incremental sparse dense
         linear recursive lazy strict common modern classic minimal complete generic native virtual
         distributed redundant temporary persistent ordered random weighted bounded coloured digital",
    )
});

/// What a file, a module or a part is called after.
pub(super) static STEMS: Words = Words::new(|| {
    words(
        "access action adapter alias anchor arena array atlas audio backend base batch bench binding block
         board bridge buffer builder bundle button cache canvas catalog channel charset check chunk client
         clock codec color column command compat config console context control convert cookie core cursor
         daemon data date debug decoder default device dialog digest display domain driver editor element
         encoder engine entry error event export factory field filter folder font format frame function
         gallery gateway glyph graph group handler hash header helper history hook image import index init
         input interface item iterator journal kernel keyboard label layer layout lexer library link list
         loader locale logger lookup macro manager manifest mapper matrix memory menu message method metric
         mixer model module monitor network node object option output overlay package packet page palette
         panel parser patch path pattern pipeline player plugin pointer policy pool port preview printer
         process profile project prompt proxy query queue random range reader record region registry relay
         render report request resolver resource result router runtime sample scanner schema scope screen
         script search section selector sensor server service session shader shape signal slider socket
         source spool sprite stack state status storage stream string style symbol syntax system table
         target task template terminal test text theme thread ticket timer token toolbar trace tracker
         transfer tree trigger tuple type unit update upload user utility value variable vector version
         view virtual volume watcher widget window worker wrapper writer zone",
    )
});

/// Translations that files are made for.
pub(super) static LANGUAGES: Words = Words::new(|| {
    words(
        "af ar bg bn ca cs da de el eo es et eu fa fi fr gl he hi hr hu id is it ja ka kk ko lt lv nb nl pl
         pt pt_BR ro ru sk sl sr sv ta th tr uk vi zh_CN zh_TW",
    )
});

/// People who write changelogs, none of them real.
pub(super) static GIVEN: Words = Words::new(|| {
    words(
        "Alda Bero Cyra Dovan Elmi Faro Gisla Haldo Ilva Jorin Kesta Lumo Mirel Nadvo Orsa Pelk Quila Rasto
         Silde Torvi Ulmo Vesna Wanto Yldra",
    )
});

/// One of `words`, by the upper bits of `hash`.
pub(super) fn pick(words: &[&'static str], hash: u64) -> &'static str {
    words[below(hash, words.len())]
}

const CONSONANTS: &[u8] = b"bdfghjklmnprstvwyz";
const VOWELS: &[u8] = b"aeiou";
const ENDINGS: &[&str] = &["", "n", "r", "s", "x", "k", "l", "m"];

/// How many invented words there are.
pub(super) const INVENTED: u64 = 90 * 90 * 90 * 8;

/// Appends the invented word with this number: three syllables and an ending.
/// Different numbers below [`INVENTED`] give different words.
pub(super) fn invented(out: &mut Vec<u8>, number: u64) {
    let mut rest = number;
    for _ in 0..3 {
        let syllable = usize::try_from(rest % 90).unwrap_or(0);
        out.extend([CONSONANTS[syllable / 5], VOWELS[syllable % 5]]);
        rest /= 90;
    }
    out.extend(ENDINGS[usize::try_from(rest % 8).unwrap_or(0)].as_bytes());
}
