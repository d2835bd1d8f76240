//! The recipes of the documents: what follows `<!-- compose: NAME -->`. They are run
//! as they stand, but for the paths, which are put below the directory of the case.
//!
//! That every script of a guide is one, the program's own tests see to, which run the
//! blocks of single commands, and the quick start.

use crate::bench::Bench;
use crate::gpg::Key;
use anyhow::{Context as _, Result, ensure};
use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use xtask_common::{paths, process};

/// The directory of the documents that have them.
const DOCUMENTS: &str = "docs";

/// Places in recipes that are replaced by places of the case.
const PLACES: [&str; 4] = ["/srv/", "/var/lib/createrepo-delta", "/etc/createrepo-delta.toml", "/scratch/"];
/// The mirror in recipes, which is a directory of the case, too.
const MIRROR: (&str, &str) = ("mirror.example.org::repo", "/srv/mirror");

/// A recipe and its name.
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// All of them. Two of one name are the same.
pub(crate) fn all() -> Result<Vec<Recipe>> {
    let mut recipes: Vec<Recipe> = Vec::new();
    for entry in fs::read_dir(paths::root().join(DOCUMENTS))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for recipe in of(&fs::read_to_string(&path)?) {
            let other = recipes.iter().find(|other| other.name == recipe.name);
            let is_same = other.is_none_or(|other| other.text == recipe.text);
            ensure!(is_same, "there are two recipes `{}`", recipe.name);
            recipes.push(recipe);
        }
    }
    ensure!(!recipes.is_empty(), "`{DOCUMENTS}` has no recipes");
    Ok(recipes)
}

/// Those of one document.
fn of(text: &str) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    let mut lines = text.lines();
    let mut before = "";
    while let Some(line) = lines.next() {
        if !line.trim().starts_with("```") {
            before = line.trim();
            continue;
        }
        let margin = line.len() - line.trim_start().len();
        let block = lines.by_ref().take_while(|line| line.trim() != "```");
        let text: String = block.flat_map(|line| [line.get(margin..).unwrap_or_default(), "\n"]).collect();
        if let Some(name) = before.strip_prefix("<!-- compose: ").and_then(|name| name.strip_suffix(" -->")) {
            recipes.push(Recipe { name: name.to_owned(), text });
        }
        before = "";
    }
    recipes
}

/// The text of one.
pub(crate) fn text(name: &str) -> Result<String> {
    let recipe = all()?.into_iter().find(|recipe| recipe.name == name);
    Ok(recipe.with_context(|| format!("`{DOCUMENTS}` has no recipe `{name}`"))?.text)
}

/// Runs recipes below a directory, with one version of `createrepo_c`.
pub(crate) struct Shell<'a> {
    work: PathBuf,
    key: Option<&'a Key>,
}

/// What recipes call, besides the program under test.
const TOOLS: [&str; 3] = ["createrepo_c", "modifyrepo_c", "mergerepo_c"];

impl<'a> Shell<'a> {
    /// A shell whose places are below `work`, which is emptied. Metadata is made
    /// by one worker, so that the order is that of the paths, and in gzip, unless
    /// a recipe wants something else.
    pub(crate) fn new(bench: &Bench<'_>, current: bool, work: &Path) -> Result<Self> {
        let programs = work.join("bin");
        paths::make_empty(work)?;
        for directory in ["bin", "srv", "etc"] {
            fs::create_dir(work.join(directory))?;
        }
        let real = if current { paths::venv().join("bin") } else { PathBuf::from("/usr/bin") };
        for tool in TOOLS {
            let options = match tool {
                "createrepo_c" => {
                    "--quiet --workers 1 --no-database --general-compress-type gz \
                     ${COMPOSE_TIME:+--revision $COMPOSE_TIME --set-timestamp-to-revision}"
                }
                "modifyrepo_c" => "--compress-type gz",
                _ => "--no-database --compress-type gz",
            };
            let wrapper = programs.join(tool);
            let real = real.join(tool);
            fs::write(&wrapper, format!("#!/bin/sh\nexec '{}' {options} \"$@\"\n", real.display()))?;
            fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
        }
        symlink(bench.binary(), programs.join("createrepo-delta"))?;
        Ok(Self { work: work.to_path_buf(), key: None })
    }

    /// The same, with a key to sign with.
    pub(crate) fn with_key(mut self, key: &'a Key) -> Self {
        self.key = Some(key);
        self
    }

    /// Where a place of a recipe, such as `/srv/repo`, is.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        self.work.join(path.trim_start_matches('/'))
    }

    /// A recipe with the places of this shell.
    pub(crate) fn here(&self, recipe: &str) -> String {
        let recipe = recipe.replace(MIRROR.0, MIRROR.1);
        PLACES
            .iter()
            .fold(recipe, |text, place| text.replace(place, &format!("{}{place}", self.work.display())))
    }

    /// Runs a recipe, which must succeed. With a `time`, the metadata carries it.
    pub(crate) fn run(&self, recipe: &str, time: Option<u64>) -> Result<Output> {
        let recipe = self.here(recipe);
        let path = env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .args(["-euc", &recipe])
            .current_dir(&self.work)
            .env("PATH", format!("{}:{path}", self.work.join("bin").display()))
            .env("TZ", "UTC")
            .env_remove("COMPOSE_TIME");
        if let Some(time) = time {
            command.env("COMPOSE_TIME", time.to_string());
        }
        if let Some(key) = self.key {
            key.set_home(&mut command);
        }
        process::run(&mut command)
    }

    /// Runs a script as cron does, which must succeed: without a terminal, with hardly
    /// any environment, and with `createrepo_c` as it is installed.
    pub(crate) fn cron(&self, script: &str, current: bool) -> Result<Output> {
        let programs = self.work.join("cron");
        paths::make_empty(&programs)?;
        symlink(self.work.join("bin/createrepo-delta"), programs.join("createrepo-delta"))?;
        if current {
            symlink(paths::venv().join("bin/createrepo_c"), programs.join("createrepo_c"))?;
        }
        let file = self.work.join("etc/compose");
        fs::write(&file, self.here(script))?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
        let mut command = Command::new("setsid");
        command
            .args(["--wait", "/bin/sh", "-c"])
            .arg(&file)
            .current_dir(&self.work)
            .env_clear()
            .env("HOME", &self.work)
            .env("LOGNAME", "root")
            .env("SHELL", "/bin/sh")
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()));
        if let Some(key) = self.key {
            key.set_home(&mut command);
        }
        process::run(&mut command)
    }
}
