"""Whether a directory with repomd.xml is whole, told by a reader that shares nothing with the program under test."""

import bz2
import gzip
import hashlib
import lzma
import re
import subprocess
import xml.etree.ElementTree as ElementTree

OPENERS = {
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".bz2": bz2.decompress,
    ".zst": lambda content: subprocess.run(["zstd", "-dcq"], input=content, capture_output=True, check=True).stdout,
}


def problems(repodata, types=None):
    """What is wrong with the files that repomd.xml lists: those of `types` alone in a cache, else all, deltas and
    journal included."""
    found = []

    def check(name, kind, size, expected, open_size=None, open_kind=None, expected_open=None):
        path = repodata / name.removeprefix("repodata/")
        try:
            content = path.read_bytes()
            if size is not None and len(content) != int(size):
                found.append(f"`{name}` has {len(content)} bytes, not {size}")
            if hashlib.new(kind, content).hexdigest() != expected:
                found.append(f"`{name}` has another checksum")
            if expected_open:
                content = OPENERS.get(path.suffix, bytes)(content)
                if hashlib.new(open_kind, content).hexdigest() != expected_open:
                    found.append(f"`{name}` has another open-checksum")
                if open_size is not None and len(content) != int(open_size):
                    found.append(f"`{name}` opens to {len(content)} bytes, not {open_size}")
        except (OSError, EOFError, ValueError, lzma.LZMAError, subprocess.CalledProcessError) as error:
            found.append(f"`{name}` cannot be read: {error}")

    def check_element(element):
        checksum, opened = element.find("{*}checksum"), element.find("{*}open-checksum")
        more = []
        if opened is not None:
            more = [element.findtext("{*}open-size"), opened.get("type"), opened.text]
        href = element.find("{*}location").get("href")
        check(href, checksum.get("type"), element.findtext("{*}size"), checksum.text, *more)

    try:
        records = ElementTree.parse(repodata / "repomd.xml").getroot().findall("{*}data")
    except (OSError, ElementTree.ParseError) as error:
        return [f"repomd.xml cannot be read: {error}"]
    held = [record for record in records if types is None or record.get("type") in types]
    if not held:
        found.append("repomd.xml lists nothing that is looked for")
    for record in held:
        check_element(record)
        if types is None:
            for delta in record.findall("{*}delta"):
                check_element(delta)
    if types is None:
        for text in re.findall(r"<\?delta-journal (.*?)\?>", (repodata / "repomd.xml").read_text()):
            journal = dict(re.findall(r'([a-z]+)="([^"]*)"', text))
            digest = journal["href"].removeprefix("repodata/").split("-")[0]
            check(journal["href"], "sha256", journal["size"], digest)
    return found
