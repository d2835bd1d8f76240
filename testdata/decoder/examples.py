#!/usr/bin/python3
"""Read the worked examples of both documents and the golden journals, whole and damaged.

Each byte of the example's delta and of its journal is damaged in turn. A client refuses that, or gets the
right file all the same.
"""

import os
import sys
import tempfile

import decoder
from decoder import Refused, check

TESTDATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def read(*path):
    with open(os.path.join(TESTDATA, *path), "rb") as stream:
        return stream.read()


def refused(action):
    try:
        action()
    except Refused:
        return True
    return False


def format_1():
    """Format 1, section 10."""
    old = {name: read("format-1", name) for name in ("old-1.xml", "old-2.xml")}
    new, delta, tokens = (read("format-1", name) for name in ("new.xml", "delta.bz2", "delta.tokens"))
    check(decoder.decompress_tokens(delta, 1000) == tokens, "the tokens differ")
    for name, content in old.items():
        chunks = decoder.cut(content, "other")
        check(b"".join(chunks) == content, f"{name}: the chunks are not the file")
        check(decoder.apply_tokens(tokens, chunks, len(new)) == new, f"{name}: the result differs")
        check(refused(lambda: decoder.apply_tokens(tokens, chunks, len(new) - 1)), "a limit was passed")
    chunks = decoder.cut(old["old-1.xml"], "other")
    for bad in (b"x\n", b"A\n", b"+3\nab", b"+\n", b"+x\n", b"0" * 41 + b"\n", b"0", b"+" + b"0" * 19 + b"1\n",
                b"\n" * 6, b"ffff\n"):
        check(refused(lambda: decoder.apply_tokens(bad, chunks, 1000)), f"{bad!r} was taken")
    for index in range(len(delta)):
        damaged = bytearray(delta)
        damaged[index] ^= 1 << index % 8
        try:
            check(decoder.decompress_tokens(bytes(damaged), 1000) == tokens, "other tokens")
        except Refused:
            continue
    print(f"format 1: the example serves both old files; {len(delta)} damaged deltas")


# Format 2, section 13.
PKGIDS = ["86f7e437faa5a7fce15d1ddcb9eaeaea377667b8", "e9d71f5ee7c92d6dc9e92ffdad17b8bd49418f98",
          "84a516841ba77a5b4648de2cd0dfcb30ea46dbb4"]
INSTRUCTION = ('<?delta-journal format="2" href="repodata/{name}" size="411" '
               'head="97 ecdaccd5b5c2ed6521abc1dacde9b7de" id="1f2e3d4c" sequence="{sequence}" '
               'types="filelists:e424764a other:f061e495" newest="73:28,25:e1130e2b7e0c139d93cf37610f2785fb" '
               'further="57"?>')


def example_files(sequence):
    packages = PKGIDS if sequence == 300 else PKGIDS[:2]
    filelists = "".join(f'<package pkgid="{pkgid}"><file>/{name}</file></package>\n'
                        for pkgid, name in zip(packages, "abc"))
    texts = ["<changelog>fix</changelog>" if sequence > 298 else "", "", ""]
    other = "".join(f'<package pkgid="{pkgid}">{text}</package>\n' for pkgid, text in zip(packages, texts))
    return {"filelists": f"<filelists>\n{filelists}</filelists>\n".encode(),
            "other": f"<otherdata>\n{other}</otherdata>\n".encode()}


def example_repomd(sequence, name):
    records = "".join(f'<data type="{kind}"><open-checksum type="sha256">{decoder.sha256(content)}</open-checksum>'
                      f"<open-size>{len(content)}</open-size></data>"
                      for kind, content in example_files(sequence).items())
    return ('<repomd xmlns="http://linux.duke.edu/metadata/repo">'
            + INSTRUCTION.format(name=name, sequence=sequence) + records + "</repomd>").encode()


def format_2():
    journal = read("format-2", "example.journal")
    name = decoder.sha256(journal) + "-repodata.journal"
    new = example_files(300)
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "repodata"))
        with open(os.path.join(root, "repodata/repomd.xml"), "wb") as stream:
            stream.write(example_repomd(300, name))
        repository = decoder.Repository(root)

        def publish(data):
            with open(os.path.join(root, "repodata", name), "wb") as stream:
                stream.write(data)

        def clients(damaged=False):
            """Gives how many files were made."""
            made = 0
            for ages in ((298, 298), (299, 299), (298, 299), (299, 298)):
                held = {kind: decoder.Held(example_files(age)[kind]) for kind, age in zip(new, ages)}
                old = decoder.read_repomd(example_repomd(ages[0], name)) if ages[0] == ages[1] else None
                for types in (["filelists"], ["other"], ["filelists", "other"]):
                    for way in ("exact", "head"):
                        results = decoder.update(repository, held, old, types, [way])[1]
                        for kind in types:
                            found, content = results[kind]
                            check(found is None or content == new[kind], f"{ages}, {kind}, {way}: the result differs")
                            if found is None and not (damaged or way == "exact" and old is None):
                                raise content
                            made += found is not None
            return made

        publish(journal)
        whole = clients()
        for index in range(len(journal)):
            damaged = bytearray(journal)
            damaged[index] ^= 1 << index % 8
            publish(damaged)
            check(clients(damaged=True) < whole, f"damage of byte {index} was not found")
        for length in (0, 96, 97, 200, len(journal) - 1):
            publish(journal[:length])
            check(clients(damaged=True) < whole, "the end was not missed")
    print(f"format 2: the example gives {whole} files; {len(journal)} damaged journals")


def golden():
    """What can be said of a journal without its bases: heads, tables, digests, payloads."""
    for name in ("example", "frames", "context", "groups"):
        data = read("format-2", f"{name}.journal")
        size = next(size for size in range(len(data) + 1) if not refused(lambda: decoder.read_head(data[:size])))
        head = decoder.read_head(data[:size])
        check(head.size == len(data), f"{name}: the head tells {head.size} bytes")
        parts = 0
        for run in head.runs:
            tables = decoder.Tables(run.digest)
            for step in run.steps:
                table = tables.add(data[step.table_at : step.table_at + step.table], len(head.types))
                check(table.entries == step.entries, f"{name}: table and head differ")
                for entry, begin, digest in zip(step.entries, step.parts_at, table.digests):
                    if entry > 1:
                        part = data[begin : begin + entry]
                        check(decoder.sha256(part)[:32] == digest, f"{name}: a part has another digest")
                        payload = decoder.read_payload(part, table)
                        for frame in payload.frames:
                            if frame.inserted():
                                decoder.frame_content_size(frame.data)
                        parts += 1
            check(tables.digest is None, f"{name}: the last table has a link")
        print(f"{name}.journal: {len(head.types)} types, {len(head.runs)} runs, "
              f"groups of {[run.groups for run in head.runs]} steps, {parts} parts")
    payload = decoder.read_payload(read("format-2", "lengths.step"), decoder.Table(None, [], [], []))
    print(f"lengths.step: lengths {[frame.listed for frame in payload.frames]}")


if __name__ == "__main__":
    try:
        format_1()
        format_2()
        golden()
    except Refused as error:
        sys.exit(f"examples.py: {error}")
