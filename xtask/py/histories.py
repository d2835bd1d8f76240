"""Histories of repodata, how a compose host puts them in place, and what is in a directory.

What oracle.py and faults.py share; nothing of the program under test is used.
"""

import gzip
import hashlib
import lzma
import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRATCH = ROOT / "target/xtask"
DEMO = ROOT / "testdata/demo-history"

# Types of files whose history is known without a repomd.xml.
LONE = {"comps": "group", "modules": "modules", "updateinfo": "updateinfo"}
OPENERS = {".gz": gzip.decompress, ".xz": lzma.decompress}


def empty(directory):
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def copy(source, target):
    """A copy with all times, in place of what is there."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, symlinks=True)


def generations(directory, work):
    """The directories of a set that have repodata/, oldest first; made in `work` of single files."""
    found = []
    for path in sorted(directory.glob("gen-*")):
        if (path / "repodata/repomd.xml").exists():
            found.append(path)
        elif files := [file for file in path.iterdir() if file.name.split(".")[0] in LONE]:
            found.append(describe(files[0], work / path.name, len(found)))
    return found


def describe(file, target, number):
    """A repository of one file."""
    repodata = empty(target / "repodata")
    name, stored = file.name, file.read_bytes()
    content = OPENERS.get(file.suffix, bytes)(stored)
    if content == stored:
        name, stored = name + ".gz", gzip.compress(content, 6, mtime=0)
    checksum = hashlib.sha256(stored).hexdigest()
    name = f"{checksum}-{name}"
    (repodata / name).write_bytes(stored)
    (repodata / "repomd.xml").write_text(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo">
  <revision>{number}</revision>
  <data type="{LONE[file.name.split(".")[0]]}">
    <checksum type="sha256">{checksum}</checksum>
    <open-checksum type="sha256">{hashlib.sha256(content).hexdigest()}</open-checksum>
    <location href="repodata/{name}"/>
    <timestamp>{1600000000 + 3600 * number}</timestamp>
    <size>{len(stored)}</size>
    <open-size>{len(content)}</open-size>
  </data>
</repomd>
"""
    )
    return target


def compose(repository, generation):
    """A new repodata/, as createrepo_c makes it: with those files of the old one that its repomd.xml does not name."""
    old, new = repository / "repodata", repository / ".repodata"
    copy(generation / "repodata", new)
    if old.exists():
        text = (old / "repomd.xml").read_text()
        # The first location after each record's own checksums is that of its file.
        listed = re.findall(r'</open-checksum>\s*<location href="repodata/([^"]+)"', text)
        for file in old.iterdir():
            known = file.name in listed or file.name.startswith("repomd.xml") or (new / file.name).exists()
            if not known:
                file.rename(new / file.name)
        shutil.rmtree(old)
    new.rename(old)


def tree(directory, begun=None, blur=lambda path, content: content):
    """A line for every file and directory below: name, mode, size, SHA-256 of its content; with `begun`, the time, too,
    if it is an earlier one. `blur` takes what may differ out of a content."""
    lines = {}
    for path in sorted(directory.rglob("*")):
        name, status = str(path.relative_to(directory)), path.lstat()
        line = f"{status.st_mode:o}"
        if path.is_symlink():
            line += f" to {os.readlink(path)}"
        elif path.is_file():
            content = blur(path, path.read_bytes())
            line += f" {len(content)} {hashlib.sha256(content).hexdigest()[:16]}"
            if begun is not None:
                line += f" {int(status.st_mtime)}" if status.st_mtime < begun else " new"
        lines[name] = line
    return lines
