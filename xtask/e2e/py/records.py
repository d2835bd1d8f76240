"""Prints what a repomd.xml says, as tab-separated lines in document order.

Usage: records.py [--copy] REPOSITORY

  record  TYPE  HREF  OPEN-CHECKSUM-TYPE  OPEN-CHECKSUM  TIMESTAMP  HEADER-CHECKSUM  HEADER-SIZE
  delta   TYPE  HREF  TIMESTAMP

A parser of its own, so that the program under test does not check itself. It
fails when the elements of deltas are not in the order of OURS, or come after
the record's own fields (some readers would take them for the record), when deltas
are without the <delta-base> that repeats the record's checksum and location, or that is there
without them, when the journal is not named by one instruction below the root, after <revision>,
and when a listed file is missing or has another size or checksum than listed. HEADER-CHECKSUM and HEADER-SIZE are empty but for zchunk files.
With --copy the files of deltas and of the journal need not be there.
"""

import gzip
import hashlib
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://linux.duke.edu/metadata/repo}"
OURS = ("delta-base", "delta")
JOURNAL = "delta-journal"


def text(element, name):
    child = element.find(NAMESPACE + name)
    return "" if child is None else (child.text or "").strip()


def href(element):
    return element.find(NAMESPACE + "location").get("href")


def own(element):
    checksum = element.find(NAMESPACE + "checksum")
    return href(element), None if checksum is None else (checksum.get("type"), checksum.text)


def check_file(root, element):
    path = os.path.join(root, href(element))
    with open(path, "rb") as file:
        data = file.read()
    checksum = element.find(NAMESPACE + "checksum")
    if hashlib.new(checksum.get("type"), data).hexdigest() != checksum.text.strip():
        raise SystemExit(f"{path}: not the listed checksum")
    if len(data) != int(text(element, "size")):
        raise SystemExit(f"{path}: not the listed size")


def parse(path):
    builder = ElementTree.TreeBuilder(insert_pis=True)
    return ElementTree.parse(path, ElementTree.XMLParser(target=builder)).getroot()


def is_journal(node):
    return node.tag is ElementTree.ProcessingInstruction and node.text.split()[0] == JOURNAL


def find_journal(root_element):
    """What the instruction says, where there is one."""
    nodes = [node for node in root_element.iter() if is_journal(node)]
    if not nodes:
        return None
    if len(nodes) > 1:
        raise SystemExit("several instructions name journals")
    place = list(root_element).index(nodes[0])
    before = [child.tag for child in root_element[:place]]
    revisions = root_element.findall(NAMESPACE + "revision")
    if before != [revision.tag for revision in revisions]:
        raise SystemExit(f"the instruction comes after {before}")
    return dict(re.findall(r'([a-z]+)="([^"]*)"', nodes[0].text))


def check_journal(root, journal):
    path = os.path.join(root, journal["href"])
    with open(path, "rb") as file:
        data = file.read()
    if len(data) != int(journal["size"]):
        raise SystemExit(f"{path}: not the listed size")
    if not os.path.basename(path).startswith(hashlib.sha256(data).hexdigest() + "-"):
        raise SystemExit(f"{path}: not the checksum in its name")
    size, digest = journal["head"].split()
    if hashlib.sha256(data[: int(size)]).hexdigest()[:32] != digest:
        raise SystemExit(f"{path}: its head is not the listed one")


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
    is_copy = sys.argv[1] == "--copy"
    root = sys.argv[-1]
    repomd = parse(os.path.join(root, "repodata/repomd.xml"))
    journal = find_journal(repomd)
    if journal and not is_copy:
        check_journal(root, journal)
    for data in repomd.iter(NAMESPACE + "data"):
        kind = data.get("type")
        names = [child.tag.removeprefix(NAMESPACE) for child in data if isinstance(child.tag, str)]
        place = [OURS.index(name) if name in OURS else len(OURS) for name in names]
        if place != sorted(place):
            raise SystemExit(f"{kind}: not base, deltas, and then the record's own fields: {names}")
        bases = [own(base) for base in data.findall(NAMESPACE + "delta-base")]
        if bases != [own(data)] * ("delta" in names):
            raise SystemExit(f"{kind}: <delta-base> says {bases}, the record {own(data)}")
        check_file(root, data)
        print(
            "record",
            kind,
            href(data),
            *open_checksum(root, data),
            text(data, "timestamp"),
            text(data, "header-checksum"),
            text(data, "header-size"),
            sep="\t",
        )
        for delta in data.findall(NAMESPACE + "delta"):
            if not is_copy:
                check_file(root, delta)
            print("delta", kind, href(delta), text(delta, "timestamp"), sep="\t")


main()
