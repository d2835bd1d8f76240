//! Links of all Markdown files: files exist, and headings of these names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::{all, document, root};

/// A document without its code, where nothing is a link.
fn prose(name: &str) -> String {
    let mut is_code = false;
    let text = document(name);
    let lines = text.lines().filter(|line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "code" }).collect()
}

/// Where the links of a document lead to.
fn targets(name: &str) -> Vec<String> {
    let text = prose(name);
    let inline = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.trim().to_owned()));
    let named = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix('[')?.split_once("]: ")?.1.split(' ').next()?.to_owned()));
    let targets = inline.chain(named);
    let is_elsewhere = |target: &String| target.contains("://") || target.starts_with("mailto:");
    targets.filter(|target| !is_elsewhere(target)).collect()
}

/// The names by which the headings of a document can be reached, as code hosts make
/// them.
fn anchors(name: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for line in document(name).lines() {
        is_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if is_code || heading == line || !heading.starts_with(' ') {
            continue;
        }
        let letters = heading.trim().to_lowercase().replace(' ', "-");
        let slug: String =
            letters.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect();
        let before = seen.entry(slug.clone()).or_default();
        anchors.insert(if *before == 0 { slug } else { format!("{slug}-{before}") });
        *before += 1;
    }
    anchors
}

/// The path from the root to which a link of a document leads.
fn resolve(from: &str, to: &str) -> String {
    let mut path = PathBuf::from(from);
    path.pop();
    for part in Path::new(to).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{from}: {to} leads out of the checkout"),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.into_os_string().into_string().unwrap()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in all() {
        for target in targets(&name) {
            count += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let path = if file.is_empty() { name.clone() } else { resolve(&name, file) };
            let exists = root().join(&path).exists();
            let is_there = exists && (anchor.is_empty() || anchors(&path).contains(anchor));
            if !is_there {
                wrong.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
    assert!(count >= 100, "{count}");
}
