"""`cargo xtask faults`: the n-th system call of the program fails, or is its last one.

strace injects the fault. After each, an independent reader (state.py) must find the old state or the new one, and
another run, undisturbed, must leave the very files that a run without a fault leaves.
"""

import argparse
import functools
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from histories import DEMO, SCRATCH, compose, copy, empty, generations, tree
from oracle import LOCKS, Side, blur, fill, published
from state import problems

WORK = SCRATCH / "faults"
CALLS = "openat write fsync renameat renameat2 unlinkat ftruncate mkdirat linkat flock fchmod copy_file_range".split()
FAULTS = ["error=ENOSPC", "error=EIO", "error=EROFS", "signal=KILL"]
STATUSES = {0, 1, 2, 3, 75}


class Scenario:
    """A command, what is there before it, and where repomd.xml is that it replaces."""

    def __init__(self, name, command, prepare, repodata, types=None):
        self.name, self.command, self.prepare, self.types = name, command, prepare, types
        self.directory, self.pattern, self.ended = WORK / name, repodata, Counter()

    def ready(self, program):
        """The state before, and those after one and after two undisturbed runs."""
        side = Side(program, empty(self.directory / "work"))
        self.prepare(side)
        copy(side.directory, self.directory / "before")
        self.old = self.repomd()
        self.run()
        self.new, self.after = self.repomd(), [self.files()]
        assert not problems(self.repodata(), self.types), f"{self.name} leaves damage without any fault"
        self.run()
        self.after.append(self.files())
        assert self.new and self.new != self.old, f"{self.name} changes nothing"
        for file in self.repodata().glob("*primary.xml*"):
            file.write_bytes(file.read_bytes()[:-1])
        assert problems(self.repodata(), self.types), "damage is not seen"

    def repodata(self):
        found = list((self.directory / "work").glob(self.pattern))
        return found[0] if found else self.directory / "nowhere"

    def repomd(self):
        path = self.repodata() / "repomd.xml"
        return path.read_bytes() if path.exists() else None

    def files(self):
        lines = tree(self.directory / "work", blur=blur)
        return {name: line for name, line in lines.items() if not LOCKS.search(name)}

    def differing(self):
        return ", ".join(sorted({name for name, line in self.files().items() ^ self.after[0].items()}))

    def restore(self):
        copy(self.directory / "before", self.directory / "work")

    def run(self, *strace):
        command = [*strace, "bin/createrepo-delta", *self.command]
        return subprocess.run(
            command, cwd=self.directory / "work", capture_output=True, stdin=subprocess.DEVNULL, timeout=300
        )

    def candidates(self):
        """Which calls there are on our files: the number of the call among those of its thread, by name."""
        self.restore()
        log = self.directory / "calls"
        self.run("strace", "-f", "-y", "-o", log, "-e", f"trace={','.join(CALLS)}")
        counts, found = {}, {}
        for line in log.read_text(errors="replace").splitlines():
            if match := re.match(r"(\d+) +(\w+)\(", line):
                counts[match.groups()] = counts.get(match.groups(), 0) + 1
                if str(self.directory / "work") in line:
                    found.setdefault(match[2], set()).add(counts[match.groups()])
        return {call: sorted(numbers) for call, numbers in found.items()}

    def disturb(self, call, number, fault):
        """Runs with the fault and looks at what is left; what is wrong, or nothing."""
        self.restore()
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
        done = self.run(*strace, "-e", f"inject={call}:{fault}:when={number}")
        self.ended[done.returncode] += 1
        wrong, said = [], done.stderr.decode(errors="replace").strip()
        killed = fault == "signal=KILL" and done.returncode == -9
        if done.returncode not in STATUSES and not killed:
            wrong.append(f"status {done.returncode}: {said}")
        if "panicked" in said:
            wrong.append(said)
        left = self.repomd()
        if left not in (self.old, self.new) and done.returncode != 3:
            wrong.append("repomd.xml is neither the old one nor the new one")
        if left != self.new and done.returncode == 0 and self.name != "refresh":
            wrong.append("status 0, but the new state is not there")
        # What could not be deleted is named in a warning, and left to the next run.
        if done.returncode == 0 and self.files() != self.after[0] and "warning: " not in said:
            wrong.append(f"status 0 without a warning, but other files: {self.differing()}")
        if left is not None:
            wrong += problems(self.repodata(), self.types)
        again = self.run()
        if again.returncode != 0:
            wrong.append(f"the run after it ends with {again.returncode}: {again.stderr.decode(errors='replace')}")
        if self.files() not in self.after:
            wrong.append(f"the run after it leaves other files: {self.differing()}")
        if wrong:
            wrong = [f"{call} number {number}, {fault}, status {done.returncode}:", *wrong, f"the program said: {said}"]
        return wrong


def scenarios():
    history = generations(DEMO, WORK)

    def composed(side):
        published(side, history[:6])
        compose(side.path("repo"), history[6])

    def cached(side, age=None, options=()):
        published(side, history)
        if age is not None:
            side.run("update", *options, f"states/{age}", "cache")
        for path in (side.path("repo"), side.path("history"), *side.path("states").iterdir()):
            if path.name not in ("6", "12"):
                shutil.rmtree(path)

    def system(side):
        cached(side)
        url = f"file://{side.path('site')}"
        copy(side.path("states/6"), side.path("site"))
        fill(side, "dnf", url)
        copy(side.path("states/12"), side.path("site"))

    repository = ["--history", "history", "repo"]
    yield Scenario("generate", ["generate", "--jobs", "1", *repository], composed, "repo/repodata")
    yield Scenario("strip", ["strip", *repository], lambda side: published(side, history[:5]), "repo/repodata")
    for name, age, options in (("update", 6, []), ("update-first", None, []), ("update-open", 6, ["--open"])):
        # Bound now: scenarios are prepared later.
        prepare = functools.partial(cached, age=age, options=options)
        command = ["update", *options, "states/12", "cache"]
        yield Scenario(name, command, prepare, "cache/repodata", {"primary", "filelists", "other"})
    yield Scenario(
        "refresh",
        ["refresh", "--dnf", "--root", "root", "--releasever", "1"],
        system,
        "root/var/cache/dnf/*/repodata",
        {"primary", "filelists"},
    )


def sample(numbers, most):
    """So many of the numbers, the first and the last among them, at even distances."""
    if len(numbers) <= most:
        return numbers
    return sorted({numbers[round(i * (len(numbers) - 1) / (most - 1))] for i in range(most)})


def play(scenario, program, most):
    scenario.ready(program)
    runs, failures = 0, []
    for call, numbers in scenario.candidates().items():
        for fault in FAULTS:
            for number in sample(numbers, most):
                runs += 1
                if wrong := scenario.disturb(call, number, fault):
                    failures.append("\n      ".join(wrong))
    return runs, failures


def main():
    parser = argparse.ArgumentParser(prog="cargo xtask faults", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every call, not four of each kind")
    parser.add_argument("--only", default="", help="only commands whose name contains this")
    options = parser.parse_args()
    empty(WORK)
    chosen = [scenario for scenario in scenarios() if options.only in scenario.name]
    runs = failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # A copy, which a build in the meantime does not replace.
        program = Path(shutil.copy(os.environ["PROGRAM"], WORK / "createrepo-delta"))
        most = sys.maxsize if options.all else 4
        for scenario, (count, failures) in zip(chosen, pool.map(lambda s: play(s, program, most), chosen)):
            assert count, f"`{scenario.name}` has no calls to disturb"
            ends = ", ".join(f"{status}: {times}" for status, times in sorted(scenario.ended.items()))
            print(f"{scenario.name:<16} {count:>5} runs, {len(failures)} failures (by exit status: {ends})", flush=True)
            assert scenario.ended[2] and scenario.ended[-9], f"no fault comes to `{scenario.name}`"
            for failure in failures:
                print(f"    {failure}", flush=True)
            if failures:
                print(f"    in a copy of {scenario.directory}/before named work: {shlex.join(scenario.command)}")
            runs, failed = runs + count, failed + len(failures)
    print(f"{runs} runs, {failed} failures")
    return failed > 0 or runs == 0


if __name__ == "__main__":
    sys.exit(main())
