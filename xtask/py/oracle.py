"""`cargo xtask oracle`: whether this tree's program does the same as that of a tag, to the byte.

Each group of runs is played twice, by the old program and by the new one, in a directory of the same name, and what
the programs print, their exit statuses and every file that they leave are compared. Groups run side by side.
"""

import argparse
import difflib
import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from histories import DEMO, ROOT, SCRATCH, compose, copy, empty, generations, tree

WORK = SCRATCH / "oracle"
BEGUN = time.time()
# A fixed time for what servers serve and caches hold: entity tags and ages come from it.
SERVED = 1_700_000_000

# All that two runs of one program may say differently, and what is put in its place.
VARYING = [
    (r'("(?:\w*milliseconds|wall_us|cpu_us|bzip2_us|unbzip2_us)": )\d+', r"\1TIME"),
    (r'("seconds": )[\d.]+', r"\1TIME"),
    (r"\b\d+(\.\d+)? (ms|milliseconds|s)\b", "TIME"),
    (r"(/tmp/[\w-]+\.)\w{6,10}\b", r"\1NAME"),
    (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"(process|pid)( |=)\d+", r"\1\2NUMBER"),
]
# Commands that work at several types or repositories at once: their warnings come in any order.
CONCURRENT = {"update", "refresh"}
# Files with the number of the process that wrote them.
LOCKS = re.compile(r"lock$|\.pid$")


def plain(text):
    for pattern, replacement in VARYING:
        text = re.sub(pattern, replacement, text)
    # Seconds since 1970 that are those of this very run.
    return re.sub(r"\b1\d{9}\b", lambda m: "NOW" if BEGUN - 1 <= int(m[0]) <= time.time() + 1 else m[0], text)


def in_order(text):
    """The lines of a text sorted, or, where it is JSON, its warnings."""
    if not text.startswith("{"):
        return "\n".join(sorted(text.splitlines()))

    def sort(warnings):
        return "\n".join([warnings[1], *sorted(line.rstrip(",") for line in warnings[2].splitlines())])

    return re.sub(r'("warnings": \[)\n(.*?)\n(?= *\])', sort, text, flags=re.DOTALL)


def blur(path, content):
    if LOCKS.search(path.name):
        return re.sub(rb"\d+", b"NUMBER", content)
    return plain(content.decode()).encode() if path.suffix == ".json" else content


class Side:
    """One program that plays a group; `steps` is what was observed, a list of lines for each run."""

    def __init__(self, program, directory, port=0):
        self.directory, self.port, self.steps = directory, port, []
        (directory / "bin").mkdir(exist_ok=True)
        self.program = directory / "bin/createrepo-delta"
        self.program.unlink(missing_ok=True)
        self.program.symlink_to(program)
        self.files = {}

    def path(self, name):
        return self.directory / name

    def run(self, *arguments, watch=()):
        """The program with these arguments, in the group's directory; what it leaves is looked at in the directories
        `watch`."""
        return self.observe([self.program, *arguments], watch)

    def observe(self, command, watch=(), limit=600):
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory), "LC_ALL": "C.UTF-8"}
        environment |= {"CRD": str(self.program), "ZYPP_LOCKFILE_ROOT": str(self.directory / "root")}
        done = subprocess.run(
            command, cwd=self.directory, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=limit
        )
        command = [*map(str, command)]
        step = [f"$ {' '.join(command[1:])}", f"status {done.returncode}"]
        for name, stream in (("out", done.stdout), ("err", done.stderr)):
            text = plain(stream.decode(errors="replace"))
            if CONCURRENT & set(command[1:2]) and (name == "err" or text.startswith("{")):
                text = in_order(text)
            step += [f"{name}: {line}" for line in text.splitlines()]
        for name in watch:
            before, after = self.files.get(name, {}), tree(self.path(name), BEGUN, blur)
            step += [f"- {name}/{file}" for file in before.keys() - after.keys()]
            step += [f"+ {name}/{file} {line}" for file, line in after.items() if before.get(file) != line]
            self.files[name] = after
        self.steps.append(step)
        return done


def publish(side, history, options, keep=lambda number: None):
    """Every generation in turn, now and then with a dry run before it and a second run after it."""
    for number, generation in enumerate(history):
        compose(side.path("repo"), generation)
        command = ["generate", "--history", "history", *options, "repo"]
        if number % 4 == 2:
            side.run(*command, "--dry-run", watch=["repo", "history"])
        side.run(*command, "--json", watch=["repo", "history"])
        if number % 4 == 3:
            side.run(*command, "-v", watch=["repo", "history"])
        keep(number)


def administer(side, history):
    """What is asked of a repository and its history, ending with damage."""
    watch = ["repo", "history", "second"]
    for command in ("verify", "inspect"):
        for options in ([], ["--json"], ["--history", "history"], ["--history", "history", "--json"]):
            side.run(command, *options, "repo", watch=watch)
    side.run("inspect", "-v", "--history", "history", "repo")
    for words in (["list"], ["list", "--json"], ["verify"], ["verify", "--json"]):
        side.run("history", *words, "history", watch=watch)
    for data_type in sorted({path.name for path in side.path("history").iterdir() if path.is_dir()}):
        side.run("history", "show", "history", data_type)
    past = [generation / "repodata" for generation in history]
    for options in (["--dry-run"], [], ["--json"]):
        side.run("history", "import", *options, "second", *past, watch=watch)
    for options in (["--dry-run"], ["--json"]):
        side.run("history", "prune", "--keep", "2", *options, "second", watch=watch)
        side.run("history", "drop", "--newest", *options, "second", watch=watch)
    compose(side.path("repo"), history[0])
    side.run("generate", "--history", "history", "repo", watch=watch)  # an old state returns
    for file in sorted(side.path("repo/repodata").glob("*.delta0.bz2"))[:1]:
        file.write_bytes(file.read_bytes()[:-9] + b"something")
    for pack in sorted(side.path("history").glob("*/pack-*"))[:1]:
        pack.write_bytes(pack.read_bytes()[:-30])
    side.run("verify", "--history", "history", "--json", "repo")
    for options in ([], ["--repair"]):
        side.run("history", "verify", *options, "history", watch=watch)
    side.run("generate", "--history", "history", "repo", watch=watch)
    for options in (["--dry-run"], ["--history", "history", "--json"], []):
        side.run("strip", *options, "repo", watch=watch)


def published(side, history, options=()):
    """In `states/N` the repository after each publication, with times that do not depend on the clock."""

    def keep(number):
        copy(side.path("repo"), side.path(f"states/{number}"))
        for path in side.path(f"states/{number}").rglob("*"):
            os.utime(path, (SERVED + 3600 * number,) * 2)

    publish(side, history, options, keep)


DAMAGE = {  # what may have happened to the files of a cache
    "cut": lambda file: file.write_bytes(file.read_bytes()[:1000]),
    "flipped": lambda file: file.write_bytes(file.read_bytes()[:-20] + b"x" * 20),
    "lost": lambda file: file.unlink(),
    "emptied": lambda file: file.write_bytes(b""),
}
FORMS = [[], ["--exact"], ["--open"], ["--open", "--compress", "gz"], ["--open", "--compress", "none"], ["--complete"]]
FORMS += [["--types", "primary"], ["--dry-run"], ["--fresh", "--json"]]


def update(side, history):
    """Copies of every age, in every form; damaged ones; servers that lack files."""
    newest, site = len(history) - 1, f"http://127.0.0.1:{side.port}/site"
    copy(side.path(f"states/{newest}"), side.path("site"))

    def aged(age, options=()):
        shutil.rmtree(side.path("cache"), ignore_errors=True)
        form = [option for option in options if option not in ("--dry-run", "--fresh")]
        side.run("update", *form, f"states/{age}", "cache", watch=["cache"])

    for form, age in itertools.product(FORMS, range(newest)):
        aged(age, form)
        side.run("update", *form, site, "cache", watch=["cache"])
        if age % 5 == 0:
            side.run("update", "--json", *form, site, "cache", watch=["cache"])
            side.run("update", "--offline", "cache/nowhere", "cache", watch=["cache"])
            side.run("update", "--json", f"states/{age}", "cache", watch=["cache"])  # older than what is there
            side.run("update", "--allow-rollback", f"states/{age}", "cache", watch=["cache"])
    patterns = ["repodata/*primary*", "repodata/repomd.xml", ".createrepo-delta.json"]
    for how, pattern in itertools.product(DAMAGE, patterns):
        aged(newest - 3)
        for file in side.path("cache").glob(pattern):
            DAMAGE[how](file)
        for command in (["--offline", site], ["--json", site], ["--offline", site]):
            side.run("update", *command, "cache", watch=["cache"])
    for how, pattern in itertools.product(DAMAGE, ["*.journal", "*primary.xml.gz", "*.delta*", "*", "repomd.xml"]):
        copy(side.path(f"states/{newest}"), side.path("site"))
        for file in side.path("site/repodata").glob(pattern):
            DAMAGE[how](file)
        for path in side.path("site").rglob("*"):
            os.utime(path, (SERVED,) * 2)
        aged(newest - 3)
        side.run("update", "--json", "--retries", "0", site, "cache", watch=["cache"])
        side.run("update", "--retries", "0", site, "--mirror", f"states/{newest}", "cache", watch=["cache"])
    side.run("update", "--retries", "0", "http://127.0.0.1:1/", "cache", watch=["cache"])


def files(side, history):
    """Single files: diff, apply, recipes, inspect."""
    for kind in ("primary", "filelists", "other"):
        stored = [next((generation / "repodata").glob(f"*-{kind}.xml.gz")) for generation in history]
        journals = sorted(side.path(f"states/{len(history) - 1}/repodata").glob("*-repodata.journal"))
        for old in (*stored[:-1:2], stored[-1]):
            side.run("diff", "--type", kind, old, stored[-1], "made.delta")
            side.run("apply", "--json", "--type", kind, old, "made.delta", "out/made", watch=["out"])
            for journal in journals:
                side.run("apply", "--type", kind, old, journal, "out/rebuilt", watch=["out"])
            side.run("inspect", "made.delta")
        side.run("diff", "--type", kind, "--json", *stored, "made.delta")
        side.run("inspect", "--json", "made.delta")
        side.run("apply", "--type", "modules", stored[0], "made.delta", "out/wrong", watch=["out"])
        side.run("apply", "--type", kind, DEMO / "README.md", "made.delta", "out/wrong", watch=["out"])
        side.run("recipes", *stored[:3], *journals)
        side.run("recipes", "--json", *stored[-1:])


MANAGERS = {"dnf": "var/cache/dnf", "dnf5": "var/cache/libdnf5", "zypper": "var/cache/zypp"}
REFRESHES = [["--dry-run", "--json"], ["--if-expired"], ["--json"], ["--json"], []]


def fill(side, manager, url):
    """A system whose package manager holds `site`, at `url`: by itself where it is there, else as it would."""
    root = empty(side.path("root"))
    for name in ("etc/yum.repos.d", "etc/zypp/repos.d", "etc/dnf"):
        (root / name).mkdir(parents=True)
    (root / "etc/dnf/dnf.conf").write_text("[main]\nplugins=0\nassumeyes=1\n")
    repositories = root / ("etc/zypp/repos.d" if manager == "zypper" else "etc/yum.repos.d")
    text = f"[demo]\nname=Demo\nenabled=1\nautorefresh=1\ngpgcheck=0\nbaseurl={url}\n"
    (repositories / "demo.repo").write_text(text)
    words = {
        "dnf": ["--config", root / "etc/dnf/dnf.conf", "--installroot", root, "--releasever", "1", "makecache"],
        "dnf5": ["--installroot", root, "--releasever", "1", "makecache"],
        "zypper": ["--root", root, "--non-interactive", "--gpg-auto-import-keys", "refresh"],
    }
    if shutil.which(manager):
        done = side.observe([shutil.which(manager), *words[manager]])
        assert done.returncode == 0, f"{manager} fails: {done.stderr.decode()}"
    else:
        command = ["refresh", f"--{manager}", "--releasever", "1", "--root", "root", "--dry-run", "--json"]
        (cache,) = re.findall(r'"cache": "(.*)"', side.run(*command).stdout.decode())
        copy(side.path("site/repodata"), Path(cache) / "repodata")
        for file in Path(cache).glob("repodata/*[2lk]"):  # neither deltas nor journals
            if file.name != "repomd.xml":
                file.unlink()
    for path in root.rglob("*"):
        os.utime(path, (SERVED,) * 2, follow_symlinks=False)


def filled(side, history):
    """Systems of three ages for each package manager."""
    published(side, history)
    for manager, number in itertools.product(MANAGERS, (1, 6, 11)):
        copy(side.path(f"states/{number}"), side.path("site"))
        fill(side, manager, f"http://127.0.0.1:{side.port}/site")
        copy(side.path("root"), side.path(f"systems/{manager}-{number}"))


def refresh(side, history):
    """Caches of package managers: of three ages, with each way to ask, and damaged."""
    copy(side.path(f"states/{len(history) - 1}"), side.path("site"))
    harms = [(None, None), *itertools.product(DAMAGE, ["*primary*", "repomd.xml"])]
    for manager, (how, pattern), number in itertools.product(MANAGERS, harms, (1, 6, 11)):
        copy(side.path(f"systems/{manager}-{number}"), side.path("root"))
        for file in side.path("root/var/cache").rglob(pattern) if how else []:
            DAMAGE[how](file)
        for options in REFRESHES if how is None else REFRESHES[-3:]:
            command = ["refresh", f"--{manager}", "--releasever", "1", "--root", "root", *options]
            side.run(*command, watch=["root"])
        if how is None:
            side.run("refresh", "--root", "root", "--releasever", "1", "--json", "nothing", watch=["root"])


MISTAKES = [
    [], ["generate"], ["generate", "repo"], ["generate", "--history", "h", "nowhere"], ["update", "nowhere", "cache"],
    ["verify", "nowhere"], ["generate", "--keep", "none", "--history", "h", "repo"], ["history", "list", "nowhere"],
    ["apply", "--type", "primary", "a", "b", "c"], ["refesh"], ["generate", "--windows", "0", "--history", "h", "repo"],
    ["generate", "--types", "primery", "--history", "h", "repo"], ["update", "ftp://localhost/", "cache"],
    ["generate", "--history", "repo/h", "repo"], ["history", "drop", "h", "primary", "99"],
    ["generate", "--config", "no"],
]  # fmt: skip


def words(side, history):
    """What is printed without a repository: help, man pages, completions, mistakes; and several repositories."""
    for number in (0, 1):
        compose(side.path("repo"), history[number])
        side.run("man", f"man/{number}", watch=["man"])
    for shell in ("bash", "zsh", "fish"):
        side.run("completions", shell)
    for arguments in MISTAKES:
        side.run(*arguments, watch=["repo"])
    for name in ("one", "two"):
        side.path(name).mkdir()
    text = "".join(f'[repository.{name}]\npath = "{name}"\nhistory = "h/{name}"\n' for name in ("one", "two", "none"))
    side.path("all.toml").write_text(text)
    sign = "for f; do :; done; sha256sum <$f >$f.asc"
    side.path("sign").write_text(f"#!/bin/sh\n{sign}\n")
    side.path("sign").chmod(0o755)
    for options in (["--print-config"], ["--json"], [], ["--dry-run"], ["--sign-command", side.path("sign")], ["one"]):
        for name in ("one", "two"):
            compose(side.path(name), history[len(side.steps) % len(history)])
        side.run("generate", "--config", "all.toml", *options, watch=["one", "two", "h"])
    for command in ("verify", "inspect", "strip"):
        side.run(command, "--config", "all.toml", watch=["one", "two", "h"])


def case(side, script):
    side.observe(["timeout", "200", "bash", script], limit=300)


OPTIONS = {
    "plain": [],
    "no-journal": ["--no-journal"],
    "no-deltas": ["--no-deltas"],
    "no-recipe": ["--no-recipe"],
    "windows": ["--windows", "4", "--jobs", "1"],
    "sizes": ["--sizes", "0.1%,0.5%,2%,10%,100000%", "--max-size", "100000%"],
    "small": ["--max-size", "3%", "--budget", "64K"],
    "types": ["--types", "primary,other"],
    "short": ["--keep", "4", "--keep-states", "1"],
    "age": ["--keep-age", "3d"],
}


class Group:
    def __init__(self, name, play, argument, prepare=None):
        self.name, self.play, self.argument, self.prepare = name, play, argument, prepare


def sets(directory, most):
    for path in sorted(path for path in directory.iterdir() if path.is_dir()):
        if history := generations(path, WORK / "lone" / path.name)[-most:]:
            yield path.name, history


def groups(options):
    demo = generations(DEMO, WORK)

    def all_of(history, choice):
        def play(side, history):
            publish(side, history, choice)
            administer(side, history)

        return play, history

    for name, choice in OPTIONS.items():
        yield Group(f"publish {name}", *all_of(demo, choice))
    yield Group("update", update, demo, published)
    yield Group("files", files, demo, published)
    yield Group("refresh", refresh, demo, filled)
    yield Group("words", words, demo)
    for name, history in sets(options.data, 3 if options.quick else 1000) if options.data else []:
        for choice in ["plain"] if options.quick else ["plain", "no-journal"]:
            yield Group(f"data {name} {choice}", *all_of(history, OPTIONS[choice]))
    synthetic = SCRATCH / "oracle-synth"
    count = 2000 if options.quick else 20000
    if not (synthetic / f"{count}/gen-0004/repodata/repomd.xml").exists():
        command = [os.environ["XTASK"], "synth", synthetic / str(count), "--packages", str(count), "--generations", "4"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    yield Group("synthetic", *all_of(generations(synthetic / str(count), WORK), []))
    for script in sorted(options.cases.glob("*/run.sh")) if options.cases else []:
        yield Group(f"case {script.parent.name}", case, script)


def nginx(directory, port):
    """A web server for a group; what was asked of it goes to `requests`."""
    (directory / "nginx").mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {directory}/nginx; " for kind in kinds)
    text = (
        f"daemon off; master_process off; pid {directory}/nginx/pid; error_log {directory}/nginx/errors;\n"
        "events {}\nhttp { log_format asked '$request $status $http_range $http_if_none_match $http_cache_control';\n"
        f"access_log {directory}/nginx/requests asked; {paths}\n"
        f"server {{ listen 127.0.0.1:{port}; root {directory}; }} }}\n"
    )
    (directory / "nginx/conf").write_text(text)
    server = subprocess.Popen(["nginx", "-e", directory / "nginx/errors", "-c", directory / "nginx/conf"])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.05)
    raise RuntimeError(f"nginx does not answer: {(directory / 'nginx/errors').read_text()}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def played(group, program, port, prepared=None, play=None):
    """The steps of a group, played in its directory, which is anew."""
    directory = WORK / group.name.replace(" ", "-")
    if prepared:
        copy(prepared, directory)
    else:
        empty(directory)
    side = Side(program, directory, port)
    server = nginx(directory, port) if group.prepare else None
    try:
        (play or group.play)(side, group.argument)
    finally:
        if server:
            server.terminate()
            server.wait()
    if server:
        side.steps.append(["requests", *sorted((directory / "nginx/requests").read_text().splitlines())])
        shutil.rmtree(directory / "nginx")
    return side.steps, directory


def compare(group, old, new):
    """How many steps there are, and the text of those that differ."""
    try:
        return compared(group, old, new)
    except (OSError, AssertionError, subprocess.SubprocessError, StopIteration, ValueError) as error:
        return 1, [f"    it cannot be played to its end: {error!r}"]


def compared(group, old, new):
    port, prepared = free_port(), None
    if group.prepare:
        _, directory = played(group, old, port, play=group.prepare)
        prepared = directory.with_name(directory.name + ".prepared")
        shutil.rmtree(prepared, ignore_errors=True)
        directory.rename(prepared)
    (was, _), (now, directory) = (played(group, program, port, prepared) for program in (old, new))
    texts = []
    for ours, theirs in itertools.zip_longest(was, now, fillvalue=["nothing"]):
        if sorted(ours) != sorted(theirs) if ours[0] == "requests" else ours != theirs:
            lines = list(difflib.unified_diff(ours, theirs, "old", "new", n=0, lineterm=""))[2:]
            more = [f"… {len(lines) - 12} more lines"] if len(lines) > 12 else []
            texts.append("\n".join(f"    {line[:200]}" for line in [ours[0], *lines[:12], *more]))
    for path in (directory, prepared):
        if path:
            shutil.rmtree(path)
    return len(was), texts


def ensure_differences_are_seen(old):
    """Fails unless two runs with different options differ, in what is printed and in what is left."""
    demo, seen = generations(DEMO, WORK)[:4], []
    for number in ("1", "3"):
        choice = ["--no-journal", "--windows", number]
        group = Group("self-test", lambda side, history: publish(side, history, choice), demo)
        seen.append(played(group, old, 0)[0])
    differ = [(a, b) for a, b in zip(*seen) if a[1:] != b[1:]]
    assert any(line.startswith("out:") for a, _ in differ for line in a), "no difference is seen in what is printed"
    assert any(set(a) ^ set(b) and "+ repo/" in str(set(a[2:]) ^ set(b[2:])) for a, b in differ), "none in files"


def build(tag):
    """The program of the tag, in the development profile, built once."""
    commit = subprocess.check_output(["git", "rev-parse", f"{tag}^{{commit}}"], cwd=ROOT, text=True).strip()
    tree = SCRATCH / "oracle-built" / commit[:12]
    if not tree.exists():
        subprocess.run(["git", "worktree", "add", "--force", "--detach", tree, commit], cwd=ROOT, check=True)
    command = ["cargo", "build", "--quiet", "--package", "createrepo-delta", "--target-dir", tree / "target"]
    subprocess.run(command, cwd=tree, env=os.environ | {"CARGO_INCREMENTAL": "0"}, check=True)
    return tree / "target/debug/createrepo-delta"


def main():
    parser = argparse.ArgumentParser(prog="cargo xtask oracle", description=__doc__)
    parser.add_argument("--tag", default="behaviour-1", help="the commit whose program is right (%(default)s)")
    parser.add_argument("--only", default="", help="only groups whose name contains this")
    parser.add_argument("--data", type=Path, help="sets of repodata, too: sub-directories with gen-*/repodata")
    parser.add_argument("--cases", type=Path, help="cases, too: */run.sh, told the program by $CRD")
    parser.add_argument("--quick", action="store_true", help="three generations of each set, 2,000 invented packages")
    parser.add_argument("--new", type=Path, default=os.environ.get("PROGRAM"), help="another program than this tree's")
    options = parser.parse_args()
    found = {"old": build(options.tag), "new": options.new}
    empty(WORK)
    # Copies, which a build in the meantime does not replace.
    old, new = (Path(shutil.copy(found[which], empty(WORK / which) / "createrepo-delta")) for which in found)
    ensure_differences_are_seen(old)
    chosen = [group for group in groups(options) if options.only in group.name]
    runs = differences = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for group, (count, texts) in zip(chosen, pool.map(lambda group: compare(group, old, new), chosen)):
            assert count, f"group `{group.name}` compares nothing"
            print(f"{group.name:<48} {count:>5} runs, {len(texts)} differences", *texts, sep="\n", flush=True)
            runs, differences = runs + count, differences + len(texts)
    print(f"{runs} runs, {differences} differences")
    return differences > 0 or runs == 0


if __name__ == "__main__":
    sys.exit(main())
