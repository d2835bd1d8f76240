"""Prints what a repomd.xml says, as tab-separated lines in document order.

Usage: records.py REPOSITORY

  record  TYPE  HREF  OPEN-CHECKSUM-TYPE  OPEN-CHECKSUM  TIMESTAMP
  delta   TYPE  HREF  TIMESTAMP

A parser of its own, so that the program under test does not check itself. It
fails when a <delta> comes after the record's own fields (some readers would
take it for the record), and when a listed file is missing or has another size
or checksum than listed.
"""

import gzip
import hashlib
import os
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://linux.duke.edu/metadata/repo}"
OURS = ("delta", "journal")


def text(element, name):
    child = element.find(NAMESPACE + name)
    return "" if child is None else (child.text or "").strip()


def href(element):
    return element.find(NAMESPACE + "location").get("href")


def check_file(root, element):
    path = os.path.join(root, href(element))
    with open(path, "rb") as file:
        data = file.read()
    checksum = element.find(NAMESPACE + "checksum")
    if hashlib.new(checksum.get("type"), data).hexdigest() != checksum.text.strip():
        raise SystemExit(f"{path}: not the listed checksum")
    if len(data) != int(text(element, "size")):
        raise SystemExit(f"{path}: not the listed size")


def open_checksum(root, data):
    opened = data.find(NAMESPACE + "open-checksum")
    if opened is not None:
        return opened.get("type"), opened.text.strip()
    # createrepo_c 0.17 writes none for groups.
    path = os.path.join(root, href(data))
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        content = file.read()
    if not content.startswith((b"<", b"---")):
        raise SystemExit(f"{path}: no open-checksum, and not open")
    return "sha256", hashlib.sha256(content).hexdigest()


def main():
    root = sys.argv[1]
    tree = ElementTree.parse(os.path.join(root, "repodata/repomd.xml"))
    for data in tree.getroot().iter(NAMESPACE + "data"):
        kind = data.get("type")
        names = [child.tag.removeprefix(NAMESPACE) for child in data]
        own = [name not in OURS for name in names]
        if own != sorted(own):
            raise SystemExit(f"{kind}: a delta after the record's own fields: {names}")
        check_file(root, data)
        print(
            "record",
            kind,
            href(data),
            *open_checksum(root, data),
            text(data, "timestamp"),
            sep="\t",
        )
        for delta in data.findall(NAMESPACE + "delta"):
            check_file(root, delta)
            print("delta", kind, href(delta), text(delta, "timestamp"), sep="\t")


main()
