#!/usr/bin/python3
"""A decoder of both delta formats, written from docs/formats/format-1.md and docs/formats/format-2.md.

It brings the open metadata files of an older publish to those that a newer repomd.xml describes.
Section numbers are those of the two documents: "1:7" is section 7 of format 1.
"""

import argparse
import bz2
import gzip
import hashlib
import lzma
import os
import re
import sys
import xml.etree.ElementTree as ET
import zlib
from dataclasses import dataclass, field

import zstandard

MIB = 1 << 20
GIB = 1 << 30


class Refused(Exception):
    """What was read does not follow the documents, or does not fit."""


class NotServed(Refused):
    """Nothing is wrong, but this way does not serve the client."""


def check(condition, message, error=Refused):
    if not condition:
        raise error(message)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------- 1:1 Chunks

PACKAGES = [b"<package "]
RULES = {
    "primary": (PACKAGES, True),
    "filelists": (PACKAGES, True),
    "filelists-ext": (PACKAGES, True),
    "other": (PACKAGES, True),
    "susedata": (PACKAGES, True),
    "updateinfo": ([b"<update "], True),
    "group": ([b"<group>", b"<environment>", b"<category>", b"<langpacks>"], True),
    "modules": ("documents", False),
    "prestodelta": ([b"<newpackage "], True),
    "deltainfo": ([b"<newpackage "], True),
    "patches": ([b"<patch "], True),
    "appdata": ([b"<component ", b"<component>", b"<application>"], True),
    "appstream": ([b"<component ", b"<component>", b"<application>"], True),
}
LONGEST_CHUNK = 64 * MIB


def family(kind):
    endings = ("_gz", "_bz2", "_xz", "_zst", "_zck")
    while True:
        for ending in endings:
            if kind.endswith(ending) and len(kind) > len(ending):
                kind = kind[: -len(ending)]
                break
        else:
            return kind


def rule(kind):
    name = family(kind)
    check(not name.endswith("_db"), f"{kind} is a database")
    return RULES.get(name.split(".", 1)[0], ("lines", False))


def cut(text, kind, footer=None):
    """The chunks of `text`. `footer` overrules whether the last closing tag begins one."""
    markers, has_footer = rule(kind)
    footer = has_footer if footer is None else has_footer and footer
    if markers == "documents":
        begins = {m.start() + 1 for m in re.finditer(rb"\n(?=---[\n\r ])", text)}
    elif markers == "lines":
        begins = {m.end() for m in re.finditer(rb"\n", text)}
    else:
        pattern = b"|".join(re.escape(marker) for marker in markers)
        begins = {m.start() for m in re.finditer(b"(?=" + pattern + b")", text)}
    begins.add(0)
    if footer and b"</" in text:
        begins.add(text.rindex(b"</"))
    begins.discard(len(text))
    order = sorted(begins) + [len(text)]
    chunks = [text[a:b] for a, b in zip(order, order[1:])]
    check(all(len(chunk) <= LONGEST_CHUNK for chunk in chunks), "a chunk of more than 64 MiB")
    return chunks


# ---------------------------------------------------------------- files and checksums

CHECKSUMS = {"sha": "sha1", "sha1": "sha1", "sha224": "sha224", "sha256": "sha256",
             "sha384": "sha384", "sha512": "sha512"}
LARGEST_OUTPUT = 16 * GIB


@dataclass
class Checksum:
    kind: str
    digits: str

    def matches(self, data):
        name = CHECKSUMS.get(self.kind.lower())
        return name is not None and hashlib.new(name, data).hexdigest() == self.digits.lower()


def open_content(data):
    """The open content of a metadata file. zchunk is left out: `unzck` opens it."""
    try:
        if data.startswith(b"\x1f\x8b"):
            return gzip.decompress(data)
        if data.startswith(b"BZh"):
            return bz2.decompress(data)
        if data.startswith(b"\xfd7zXZ\x00"):
            return lzma.decompress(data)
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        raise Refused(f"a compressed file cannot be opened: {error}")
    check(not data.startswith((b"\x00ZCK1", b"\x00ZHR1")), "a zchunk file")
    return data


def check_place(href):
    """1:7: a location is relative and stays in the repository."""
    parts = href.split("/")
    check(href and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", href), f"{href!r} is not relative")
    check(parts[0] != "" and ".." not in parts and "\0" not in href and "\\" not in href,
          f"{href!r} leaves the repository")


class Repository:
    """A directory with repodata/, which is read as a server would be: by ranges, and counted."""

    def __init__(self, root):
        self.root = root
        self.bytes_read = 0

    def path(self, href):
        check_place(href)
        return os.path.join(self.root, href)

    def whole(self, href):
        with open(self.path(href), "rb") as stream:
            data = stream.read()
        self.bytes_read += len(data)
        return data

    def range(self, href, begin, end):
        with open(self.path(href), "rb") as stream:
            stream.seek(begin)
            data = stream.read(end - begin)
        self.bytes_read += len(data)
        check(len(data) == end - begin, f"{href} is shorter than it should be")
        return data


# ---------------------------------------------------------------- repomd.xml


@dataclass
class Delta:
    checksum: Checksum
    href: str
    timestamp: str
    size: str


@dataclass
class Record:
    kind: str
    checksum: Checksum = None
    open_checksum: Checksum = None
    href: str = None
    timestamp: str = None
    open_size: str = None
    elsewhere: bool = False  # xml:base
    deltas: list = field(default_factory=list)

    def output_limit(self):
        """1:9, 2:12"""
        return LARGEST_OUTPUT if self.open_size is None else whole_number(self.open_size)

    def verify(self, content):
        """1:8, 2:10 step 5"""
        check(self.open_checksum is not None, f"{self.kind} has no <open-checksum>")
        check(self.open_size is None or whole_number(self.open_size) == len(content),
              f"{self.kind}: the result has another size")
        check(self.open_checksum.matches(content), f"{self.kind}: the result has another digest")

    def open_name(self):
        name = re.sub(r"^[0-9a-f]{32,128}-", "", os.path.basename(self.href))
        return re.sub(r"\.(gz|bz2|xz|zst|zck)$", "", name)


def whole_number(text):
    check(text is not None and re.fullmatch(r"[0-9]{1,19}", text) is not None, f"{text!r} is no number")
    return int(text)


def seconds(text):
    """A timestamp in whole seconds; a fraction is cut off (1:7)."""
    text = "" if text is None else text
    return whole_number(re.sub(r"\.[0-9]*$", "", text))


@dataclass
class Repomd:
    records: dict
    instruction: "Instruction"


def children(element, name):
    """Direct children of that name, whatever their prefix."""
    return [child for child in element if isinstance(child.tag, str) and child.tag.rsplit("}", 1)[-1] == name]


def read_repomd(data):
    check(b"<!DOCTYPE" not in data, "repomd.xml has a document type")
    try:
        root = ET.fromstring(data, ET.XMLParser(target=ET.TreeBuilder(insert_pis=True)))
    except ET.ParseError as error:
        raise Refused(f"repomd.xml: {error}")

    def text(element, name):
        found = children(element, name)
        return (found[-1].text or "").strip() if found else None

    def checksum(element, name):
        found = children(element, name)
        return Checksum(found[-1].get("type", ""), (found[-1].text or "").strip()) if found else None

    records = {}
    elements = children(root, "data")
    kinds = [element.get("type", "") for element in elements]
    for kind, element in zip(kinds, elements):
        if kinds.count(kind) > 1:
            continue
        places = children(element, "location")
        records[kind] = Record(
            kind,
            checksum=checksum(element, "checksum"),
            open_checksum=checksum(element, "open-checksum"),
            href=places[-1].get("href") if places else None,
            timestamp=text(element, "timestamp"),
            open_size=text(element, "open-size"),
            elsewhere=bool(places) and any(key.rsplit("}", 1)[-1] == "base" for key in places[-1].keys()),
        )
        for child in children(element, "delta"):
            places = children(child, "location")
            records[kind].deltas.append(Delta(
                checksum(child, "checksum"),
                places[-1].get("href") if places else None,
                text(child, "timestamp"),
                text(child, "size"),
            ))
    instructions = []
    for child in root:
        if child.tag is ET.PI:
            target, _, content = child.text.partition(" ")
            if target == "delta-journal":
                instructions.append(content)
    return Repomd(records, choose_instruction(instructions))


# ---------------------------------------------------------------- 1:3 and 1:8 Format 1


def well_formed(delta):
    """1:7. A delta that is not is passed over, as if it were not listed."""
    try:
        check(delta.checksum is not None and delta.href is not None, "a value is missing")
        check_place(delta.href)
        whole_number(delta.size)
        seconds(delta.timestamp)
        return True
    except Refused:
        return False


def select_delta(record, held_timestamp):
    """1:8: the delta for a client whose file was published under that timestamp."""
    if record.timestamp is None or held_timestamp is None:
        return None
    held = seconds(held_timestamp)
    if held >= seconds(record.timestamp):
        return None
    for delta in filter(well_formed, record.deltas):
        if seconds(delta.timestamp) <= held:
            return delta
    return None


def decompress_tokens(data, limit):
    """1:6: one bzip2 stream; further ones are refused."""
    stream = bz2.BZ2Decompressor()
    out, pending = [], data
    total = 0
    while not stream.eof:
        try:
            piece = stream.decompress(pending, max_length=MIB)
        except OSError as error:
            raise Refused(f"bzip2: {error}")
        pending = b""
        check(piece or stream.eof or not stream.needs_input, "the bzip2 stream is not complete")
        total += len(piece)
        check(total <= limit, "the tokens are longer than any delta of that output")
        out.append(piece)
    check(not stream.unused_data, "bytes after the bzip2 stream")
    return b"".join(out)


def apply_tokens(tokens, chunks, limit):
    """1:3"""
    names = [hashlib.sha1(chunk).hexdigest().encode() for chunk in chunks]
    output, size, position, at = [], 0, 0, 0

    def append(piece):
        nonlocal size
        size += len(piece)
        check(size <= limit, "the output is longer than the record says")
        output.append(piece)

    while at < len(tokens):
        end = tokens.find(b"\n", at, at + 41)
        check(end >= 0, "a token without line end, or of more than 40 bytes")
        token, at = tokens[at:end], end + 1
        if token.startswith(b"+"):
            check(re.fullmatch(rb"\+[0-9]{1,19}", token), "a malformed literal")
            length = int(token[1:])
            check(length <= limit, "a literal longer than the output")
            check(at + length <= len(tokens), "a literal that is cut off")
            append(tokens[at : at + length])
            at += length
        else:
            check(re.fullmatch(rb"[0-9a-f]*", token), "a malformed reference")
            while position < len(names) and not names[position].startswith(token):
                position += 1
            check(position < len(names), "a reference to no chunk")
            append(chunks[position])
            position += 1
    return b"".join(output)


def by_format_1(repository, record, held):
    check(record.open_checksum is not None, "nothing says what must come out", NotServed)
    check(not record.elsewhere, "the record's file is elsewhere", NotServed)
    delta = select_delta(record, held.timestamp)
    check(delta is not None, f"no delta serves the copy of {record.kind}", NotServed)
    data = repository.whole(delta.href)
    check(len(data) == whole_number(delta.size), "the delta has another size")
    check(delta.checksum.matches(data), "the delta has another checksum")
    limit = record.output_limit()
    # A chunk costs 42 bytes at most, and so does a literal of one byte.
    tokens = decompress_tokens(data, 42 * limit + MIB)
    content = apply_tokens(tokens, cut(held.content, record.kind), limit)
    record.verify(content)
    return content


# ---------------------------------------------------------------- 2:9 The instruction

NAME = re.compile(r"[A-Za-z0-9_.+-]{1,64}")
MOST_STEPS = 65536
LARGEST_HEAD, LARGEST_TABLE, LARGEST_PART = MIB, 16 * MIB, GIB


@dataclass
class Instruction:
    href: str
    size: int
    head_size: int
    head_digest: str
    id: str
    sequence: int
    types: dict  # name -> generation, in the order of the head
    newest: tuple = None  # bytes of the table, entries, digest
    further: list = field(default_factory=list)


def pseudo_attributes(content):
    values = {}
    at = 0
    content = content.rstrip(" \t\r\n")
    pattern = re.compile(r"""[ \t\r\n]*([^ \t\r\n='"]+)="([^"]*)"(?=[ \t\r\n]|$)""")
    while at < len(content):
        match = pattern.match(content, at)
        check(match, "a malformed instruction")
        name, value = match.groups()
        check(name not in values, f"{name} is given twice")
        values[name] = value
        at = match.end()
    return values


def decimal(text):
    check(re.fullmatch(r"[0-9]{1,19}", text) and int(text) < 1 << 63, f"{text!r} is no number")
    return int(text)


def digits(text, length):
    check(re.fullmatch(r"[0-9a-f]{%d}" % length, text), f"{text!r} is no digest")
    return text


def read_instruction(values):
    for name in ("href", "size", "head", "id", "sequence", "types"):
        check(name in values, f"the instruction lacks {name}")
    href, size = values["href"], decimal(values["size"])
    check_place(href)
    check(re.match(r"[0-9a-f]{64}-", os.path.basename(href)), "the journal's name has no digest")
    head = values["head"].split(" ")
    check(len(head) == 2, "head is not two values")
    head_size, head_digest = decimal(head[0]), digits(head[1], 32)
    check(head_size <= LARGEST_HEAD, "the head is too large")
    types = {}
    for item in values["types"].split(" "):
        name, colon, generation = item.partition(":")
        check(colon and NAME.fullmatch(name) and name not in types, f"types has {item!r}")
        types[name] = digits(generation, 8)
    check(1 <= len(types) <= 64, "too many types")
    result = Instruction(href, size, head_size, head_digest, digits(values["id"], 8),
                         decimal(values["sequence"]), types)
    told = head_size
    if "newest" in values:
        parts = values["newest"].split(":")
        check(len(parts) == 3, "newest is not three values")
        table, entries = decimal(parts[0]), [decimal(entry) for entry in parts[1].split(",")]
        check(table <= LARGEST_TABLE, "the table is too large")
        check(len(entries) == len(types), "newest has not an entry for each type")
        check(all(entry <= LARGEST_PART for entry in entries), "a part is too large")
        result.newest = (table, entries, digits(parts[2], 32))
        told += table + sum(lengths(entries))
    if "further" in values:
        check(result.newest, "further without newest")
        result.further = [decimal(number) for number in values["further"].split(",")]
        told += sum(result.further)
    check(told <= size, "the instruction tells of more bytes than the journal has")
    if "recipes" in values:  # not used here, but malformed ones make the instruction malformed
        kinds = []
        for item in values["recipes"].split(" "):
            kind, colon, numbers = item.partition(":")
            check(colon and NAME.fullmatch(kind) and kind not in kinds, f"recipes has {item!r}")
            kinds.append(kind)
            numbers = [decimal(number) for number in numbers.split(".")]
            check(len(numbers) <= 2 and max(numbers) <= 255, f"recipes has {item!r}")
    return result


def choose_instruction(contents):
    """The instruction, or None where there is none, a malformed one, or several.

    Those of other formats are passed over, if they are well-formed.
    """
    found = []
    try:
        for content in contents:
            check(len(content.encode()) <= 65536, "an instruction of more than 64 KiB")
            values = pseudo_attributes(content)
            if values.get("format", "2") == "2":
                found.append(values)
        if len(found) == 1 and "format" in found[0]:
            return read_instruction(found[0])
    except Refused:
        pass
    return None


# ---------------------------------------------------------------- 2:2 The head


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        check(self.at + count <= len(self.data), "bytes are missing")
        self.at += count
        return self.data[self.at - count : self.at]

    def varint(self, most=(1 << 64) - 1, least=0):
        value = 0
        for index in range(10):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                check(least <= value <= most, f"{value} is not in {least} to {most}")
                return value
        raise Refused("a number of more than ten bytes")

    def end(self):
        check(self.at == len(self.data), "bytes are left over")


def lengths(entries):
    """The bytes of each part; entries 0 and 1 have none."""
    return [entry if entry > 1 else 0 for entry in entries]


@dataclass
class Step:
    origin: int  # the sequence number that it leads from
    table: int
    entries: list
    names: list  # of the generations that the parts lead from
    table_at: int = None
    parts_at: list = None


@dataclass
class Run:
    digest: str
    steps: list
    groups: list


@dataclass
class Head:
    types: list
    sequence: int
    runs: list
    size: int  # of the whole journal


def read_head(data):
    reader = Reader(data)
    check(reader.take(5) == b"CRDJ\x02", "another format or version")
    check(reader.take(1) == b"\0", "unknown flags of the head")
    types = []
    for _ in range(reader.varint(64)):
        name = reader.take(reader.varint(64, 1)).decode("latin-1")
        check(NAME.fullmatch(name) and name not in types, "a bad name of a type")
        types.append(name)
    sequence = reader.varint()
    runs, steps_in_all = [], 0
    for _ in range(reader.varint(64)):
        shared = reader.varint(len(runs[-1].steps) if runs else 0)
        further = reader.varint(MOST_STEPS)
        count = shared + further
        steps_in_all += count
        check(count >= 1, "a run without steps")
        check(steps_in_all <= MOST_STEPS, "too many steps")
        check(steps_in_all * len(types) <= 1 << 20, "too many entries")
        digest = reader.take(16).hex()
        groups = [reader.varint(count, 1) for _ in range(reader.varint(count, 1) - 1)]
        groups.append(count - sum(groups))
        check(groups[-1] >= 1, "a group without steps")
        steps = [Step(s.origin, s.table, s.entries, s.names) for s in runs[-1].steps[:shared]] if shared else []
        origin = steps[-1].origin if steps else sequence
        for _ in range(further):
            origin -= reader.varint(origin, 1)
            step = Step(origin, reader.varint(LARGEST_TABLE), [], [])
            for _ in types:
                step.entries.append(reader.varint(LARGEST_PART))
                step.names.append(reader.take(4).hex() if step.entries[-1] > 1 else None)
            steps.append(step)
        runs.append(Run(digest, steps, groups))
    reader.end()
    return Head(types, sequence, runs, lay_out(len(data), types, runs))


def lay_out(at, types, runs):
    """2:1: where each table and part begins. Gives the length of the file."""
    for run in runs:
        steps = iter(run.steps)
        for count in run.groups:
            group = [next(steps) for _ in range(count)]
            for step in group:
                step.table_at, step.parts_at = at, []
                at += step.table
            for index in range(len(types)):
                for step in group:
                    step.parts_at.append(at)
                    at += lengths(step.entries)[index]
    return at


# ---------------------------------------------------------------- 2:3 Tables


@dataclass
class Table:
    link: str
    entries: list
    digests: list
    identifiers: list


def table_length(data):
    """The bytes of the table that begins here: all that is believed before it is verified."""
    reader = Reader(data[:10])
    length = reader.varint(LARGEST_TABLE)
    check(reader.at + length <= LARGEST_TABLE, "a table of more than 16 MiB")
    return reader.at + length


def read_table(data, digest, types):
    check(sha256(data)[:32] == digest, "the table has another digest")
    check(table_length(data) == len(data), "the table has another length")
    reader = Reader(data)
    reader.varint()
    flags = reader.take(1)[0]
    check(flags & ~3 == 0, "unknown flags of a table")
    link = reader.take(16).hex() if flags & 1 else None
    entries = [reader.varint(LARGEST_PART) for _ in range(types)]
    digests = [reader.take(16).hex() if entry > 1 else None for entry in entries]
    identifiers = []
    if flags & 2:
        width = reader.take(1)[0]
        check(width in (20, 32, 48, 64), "identifiers of a strange size")
        rest = reader.take(len(data) - reader.at)
        check(rest and len(rest) % width == 0, "identifiers are cut off")
        identifiers = [rest[i : i + width].hex().encode() for i in range(0, len(rest), width)]
    reader.end()
    return Table(link, entries, digests, identifiers)


# ---------------------------------------------------------------- 2:4 to 2:7 Payloads

LARGEST_TEXT = 16 * MIB
MOST_HUNKS, MOST_CHUNKS, MOST_FRAMES = 1 << 18, 1 << 21, 65536
MOST_COUNT = 1 << 32


@dataclass
class Hunk:
    stay: int
    go: int
    come: int


@dataclass
class Frame:
    hunks: list
    data: bytes
    identifiers: list
    last: bool = False
    listed: list = None  # lengths of its chunks

    def inserted(self):
        return sum(hunk.come for hunk in self.hunks)


@dataclass
class Payload:
    context: int
    footer: bool
    frames: list

    def hunks(self):
        return [hunk for frame in self.frames for hunk in frame.hunks]


def frame_content_size(data):
    """2:6: a frame says its size."""
    try:
        size = zstandard.frame_content_size(b"\x28\xb5\x2f\xfd" + data)
    except zstandard.ZstdError as error:
        raise Refused(f"zstd: {error}")
    check(0 <= size <= LARGEST_TEXT, "a frame without size, or of more than 16 MiB")
    return size


def open_frame(data, dictionary=b""):
    """2:6: one zstd frame without its magic number; the dictionary is raw content."""
    size = frame_content_size(data)
    prefix = None
    if dictionary:
        prefix = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    try:
        text = zstandard.ZstdDecompressor(dict_data=prefix).decompress(
            b"\x28\xb5\x2f\xfd" + data, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise Refused(f"zstd: {error}")
    check(len(text) == size, "a frame of another size than it says")
    return text


def read_script(data):
    """2:5"""
    reader, hunks = Reader(data), []
    while reader.at < len(data):
        stay, kind = divmod(reader.varint(4 * MOST_COUNT + 3), 4)
        if kind == 3:
            go, come = reader.varint(MOST_COUNT), reader.varint(MOST_COUNT)
        else:
            go, come = ((1, 1), (0, 1), (1, 0))[kind]
        check(stay <= MOST_COUNT, "a number beyond its limit")
        check(go or come, "a hunk that does nothing")
        hunks.append(Hunk(stay, go, come))
        check(len(hunks) <= MOST_HUNKS, "too many hunks")
    check(sum(hunk.come for hunk in hunks) <= MOST_CHUNKS, "too many inserted chunks")
    return hunks


def read_payload(data, table):
    """2:4"""
    reader = Reader(data)
    flags = reader.take(1)[0]
    check(flags & ~0x1F == 0 and flags & 6 != 6, "unknown flags of a payload")
    context = reader.varint(MOST_COUNT, 1) if flags & 8 else 0
    script = reader.take(reader.varint())
    if flags & 1:
        script = open_frame(script)
    check(len(script) <= LARGEST_TEXT, "a script of more than 16 MiB")
    hunks = read_script(script)
    inserted = sum(hunk.come for hunk in hunks)
    listed = None
    if flags & 4:
        inner = Reader(reader.take(reader.varint()))
        listed = [inner.varint(LARGEST_TEXT, 1) for _ in range(inserted)]
        inner.end()

    count = reader.varint(min(len(hunks), MOST_FRAMES), 1 if hunks else 0)
    shares = []
    for _ in range(count - 1):
        own = reader.varint(len(hunks), 1)
        shares.append((own, reader.varint()))
    used = []
    for _ in range(count if flags & 0x10 else 0):
        first, many = reader.varint(1 << 20), reader.varint(1 << 20)
        check(first + many <= len(table.identifiers), "identifiers that the table has not")
        used.append(table.identifiers[first : first + many])
    if count:
        own = len(hunks) - sum(share[0] for share in shares)
        size = len(data) - reader.at - sum(share[1] for share in shares)
        check(own >= 1 and size >= 0, "nothing is left for the last frame")
        shares.append((own, size))

    frames, at = [], 0
    for index, (own, size) in enumerate(shares):
        frame = Frame(hunks[at : at + own], reader.take(size), used[index] if used else [])
        at += own
        check((size == 0) == (frame.inserted() == 0), "a frame of no bytes that inserts, or the reverse")
        if listed is not None:
            frame.listed, listed = listed[: frame.inserted()], listed[frame.inserted() :]
        frames.append(frame)
    if frames:
        frames[-1].last = True
    reader.end()
    return Payload(context, bool(flags & 2), frames)


def cut_frame(text, kind, payload, frame):
    """2:7"""
    if frame.listed is not None:
        check(sum(frame.listed) == len(text), "the listed lengths are not those of the text")
        chunks, at = [], 0
        for length in frame.listed:
            chunks.append(text[at : at + length])
            at += length
    else:
        chunks = cut(text, kind, footer=payload.footer and frame.last)
    check(len(chunks) == frame.inserted(), "the text has not as many chunks as the hunks say")
    return chunks


# ---------------------------------------------------------------- 2:8 Applying


def kept_before(payload, hunk):
    """2:6: how many kept chunks before a hunk are part of the dictionary."""
    return min(payload.context, hunk.stay) if hunk.come else 0


def check_counts(payloads, chunks):
    """2:8, 2:12: what is known before a frame is opened. `chunks` is the number of the base's."""
    hunks = inserted = frames = dictionary = 0
    for payload in payloads:
        frames += len(payload.frames)
        position = change = 0
        for frame in payload.frames:
            for hunk in frame.hunks:
                hunks, inserted = hunks + 1, inserted + hunk.come
                position += hunk.stay + hunk.go
                change += hunk.come - hunk.go
                if frame.inserted():
                    dictionary += kept_before(payload, hunk) + hunk.go
                check(position <= chunks, "a hunk beyond the end")
        chunks += change
    check(hunks <= MOST_HUNKS and inserted <= MOST_CHUNKS and frames <= MOST_FRAMES
          and dictionary <= MOST_CHUNKS, "too many hunks, chunks or frames in all parts")


def apply_payload(payload, chunks, kind, budget):
    result, position = [], 0
    for frame in payload.frames:
        pieces, kept, at = list(frame.identifiers), [], position
        for hunk in frame.hunks:
            at += hunk.stay
            pieces += chunks[at - kept_before(payload, hunk) : at + hunk.go]
            at += hunk.go
        texts = []
        if frame.inserted():
            size = sum(len(piece) for piece in pieces)
            check(size <= LARGEST_TEXT, "a dictionary of more than 16 MiB")
            budget.spend(size, frame_content_size(frame.data))
            texts = cut_frame(open_frame(frame.data, b"".join(pieces)), kind, payload, frame)
        taken = 0
        for hunk in frame.hunks:
            result += chunks[position : position + hunk.stay]
            result += texts[taken : taken + hunk.come]
            position += hunk.stay + hunk.go
            taken += hunk.come
    return result + chunks[position:]


class Budget:
    """2:12: text that all parts insert, and their dictionaries."""

    def __init__(self, limit):
        self.most = 8 * limit + 256 * MIB
        self.text = self.dictionaries = 0

    def spend(self, dictionary, text):
        self.dictionaries += dictionary
        self.text += text
        check(self.text <= self.most and self.dictionaries <= self.most, "too much text")


def apply_parts(parts, content, kind, limit):
    """`parts` are pairs of a payload's bytes and its table, oldest first."""
    chunks = cut(content, kind)
    payloads = [read_payload(data, table) for data, table in parts]
    check_counts(payloads, len(chunks))
    budget = Budget(limit)
    for payload in payloads:
        chunks = apply_payload(payload, chunks, kind, budget)
    check(sum(len(chunk) for chunk in chunks) <= limit, "the output is longer than the record says")
    return b"".join(chunks)


# ---------------------------------------------------------------- 2:10 Reading


@dataclass
class Held:
    """What a client has of a type: open content, and under which timestamp it was published."""
    content: bytes
    timestamp: str = None

    def name(self):
        return sha256(self.content)[:8]


def entry_of(repomd, record):
    """2:9: the name of the entry that a record goes by, or None."""
    instruction = repomd.instruction
    if instruction is None or record.open_checksum is None:
        return None
    name = record.kind if record.kind in instruction.types else None
    for other in instruction.types:
        twin = repomd.records.get(other)
        if name is None and twin and family(other) == family(record.kind) \
                and twin.open_checksum == record.open_checksum:
            name = other
    if name is not None and record.open_checksum.kind == "sha256" \
            and not record.open_checksum.digits.startswith(instruction.types[name]):
        return None  # somebody replaced the file
    return name


class Journal:
    """Ranges of the journal, joined where little is between them."""

    GAP = 16 * 1024

    def __init__(self, repository, href):
        self.repository, self.href, self.blocks = repository, href, []

    def fetch(self, ranges):
        joined = []
        for begin, end in sorted(pair for pair in ranges if pair[0] < pair[1]):
            if joined and begin <= joined[-1][1] + self.GAP:
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([begin, end])
        for begin, end in joined:
            self.blocks.append((begin, self.repository.range(self.href, begin, end)))

    def get(self, begin, length):
        for start, data in self.blocks:
            if start <= begin and begin + length <= start + len(data):
                return data[begin - start : begin - start + length]
        raise Refused("bytes that were not asked for")


class Tables:
    """2:10 step 3: the tables of a run, each verified by the link of the one before it."""

    def __init__(self, digest):
        self.digest, self.tables, self.failure = digest, [], None

    def add(self, data, types):
        check(self.digest is not None, "a table that no link leads to")
        table = read_table(data, self.digest, types)
        self.tables.append(table)
        self.digest = table.link
        return table

    def parts(self, kind, column, count, journal, places):
        """2:10 step 4: the parts of a type in the first `count` steps, oldest first, each with its table."""
        if count > len(self.tables):
            raise self.failure
        parts = []
        for table, place in zip(self.tables[:count], places):
            check(table.entries[column] != 1, f"a step that does not lead {kind} on")
            if table.entries[column] > 1:
                data = journal.get(place[column], table.entries[column])
                check(sha256(data)[:32] == table.digests[column], "the part has another digest")
                parts.append((data, table))
        return parts[::-1]


def parts_of_all(tables, columns, counts, journal, places):
    results = {}
    for kind, column in columns.items():
        try:
            results[kind] = tables.parts(kind, column, counts[kind], journal, places)
        except Refused as refused:
            results[kind] = refused
    return results


def part_places(begin, entries):
    places = []
    for length in lengths(entries):
        places.append(begin)
        begin += length
    return places


def by_exact_request(repository, repomd, old, wanted):
    """2:10 "Without the head". `wanted`: type of a record -> what is held of it.

    Gives for each the parts, oldest first, or why there are none.
    """
    new = repomd.instruction
    check(new and new.newest, "the instruction tells no newest step", NotServed)
    check(old and old.instruction, "the client's repomd.xml has no instruction", NotServed)
    check(old.instruction.id == new.id, "the numbers are of another row", NotServed)
    behind = new.sequence - old.instruction.sequence
    check(1 <= behind <= 1 + len(new.further), f"{behind} publishes behind", NotServed)

    order = list(new.types)
    table_size, entries, digest = new.newest
    results, columns = {}, {}
    for kind, held in wanted.items():
        entry = entry_of(repomd, repomd.records[kind])
        record = old.records.get(kind)
        if entry is None:
            results[kind] = NotServed(f"no entry for {kind}")
        elif entries[order.index(entry)] == 1:
            results[kind] = NotServed(f"a step that does not lead {kind} on")
        elif record is None or record.open_checksum is None or not record.open_checksum.matches(held.content):
            results[kind] = NotServed(f"{kind} is not of the publish that the client's repomd.xml tells")
        else:
            columns[kind] = order.index(entry)
    if not columns:
        return results

    head = new.head_size
    first_step = table_size + sum(lengths(entries))
    ends = [head + first_step + sum(new.further[:number]) for number in range(behind)]
    journal = Journal(repository, new.href)
    if behind == 1:
        begins = part_places(head + table_size, entries)
        journal.fetch([(head, head + table_size)]
                      + [(begins[column], begins[column] + lengths(entries)[column]) for column in columns.values()])
    else:
        journal.fetch([(head, ends[-1])])

    tables, places, at = Tables(digest), [], head
    try:
        for number, end in enumerate(ends):
            size = table_size if number == 0 else table_length(journal.get(at, min(10, end - at)))
            check(at + size <= end, "a table longer than its step")
            table = tables.add(journal.get(at, size), len(order))
            places.append(part_places(at + size, table.entries))
            at += size + sum(lengths(table.entries))
            same = at == end and (number > 0 or table.entries == entries)
            if not same:
                tables.tables.pop()
            check(same, "a step is not as the instruction tells")
    except Refused as refused:
        tables.failure = refused
    counts = {kind: behind for kind in columns}
    results.update(parts_of_all(tables, columns, counts, journal, places))
    return results


def steps_that_serve(run, column, name):
    """2:10: how many steps of a run lead on from a generation, or None."""
    for number, step in enumerate(run.steps):
        if step.entries[column] == 1:
            return None
        if step.entries[column] > 1 and step.names[column] == name:
            return number + 1
    return None


def by_head(repository, repomd, wanted):
    """2:10 "With the head". Gives as by_exact_request does."""
    new = repomd.instruction
    check(new, "there is no instruction", NotServed)
    data = repository.range(new.href, 0, new.head_size)
    check(sha256(data)[:32] == new.head_digest, "the head has another digest")
    head = read_head(data)
    check(head.size == new.size, "the head tells another length of the file")
    check(head.types == list(new.types), "the head has other types")
    check(head.sequence == new.sequence, "the head has another sequence number")

    results, needs = {}, {}
    for kind, held in wanted.items():
        entry = entry_of(repomd, repomd.records[kind])
        if entry is None:
            results[kind] = NotServed(f"no entry for {kind}")
        else:
            needs[kind] = head.types.index(entry)

    def plan(run, kinds):
        return {kind: steps_that_serve(run, needs[kind], wanted[kind].name()) for kind in kinds}

    def cost(run, counts):
        tables = sum(step.table for step in run.steps[: max(counts.values())])
        return tables + sum(sum(lengths([step.entries[needs[kind]]]))
                            for kind, count in counts.items() for step in run.steps[:count])

    # A type that no run serves goes another way. Where no run serves all others, each goes by itself.
    served = [kind for kind in needs if any(plan(run, [kind])[kind] for run in head.runs)]
    results.update({kind: NotServed(f"no run serves the copy of {kind}") for kind in needs if kind not in served})
    together = any(served and all(plan(run, served).values()) for run in head.runs)
    for kinds in [served] if together else [[kind] for kind in served]:
        runs = [run for run in head.runs if all(plan(run, kinds).values())]
        run = min(runs, key=lambda run: cost(run, plan(run, kinds)))
        try:
            results.update(read_run(repository, new.href, head, run, plan(run, kinds), needs))
        except Refused as refused:
            results.update({kind: refused for kind in kinds})
    return results


def read_run(repository, href, head, run, counts, needs):
    steps = run.steps[: max(counts.values())]
    journal = Journal(repository, href)
    ranges = [(step.table_at, step.table_at + step.table) for step in steps]
    for kind, count in counts.items():
        for step in steps[:count]:
            begin = step.parts_at[needs[kind]]
            ranges.append((begin, begin + lengths(step.entries)[needs[kind]]))
    journal.fetch(ranges)

    tables = Tables(run.digest)
    try:
        for step in steps:
            table = tables.add(journal.get(step.table_at, step.table), len(head.types))
            same = lengths(table.entries) == lengths(step.entries)
            if not same:
                tables.tables.pop()
            check(same, "a table and the head differ")
    except Refused as refused:
        tables.failure = refused
    columns = {kind: needs[kind] for kind in counts}
    return parts_of_all(tables, columns, counts, journal, [step.parts_at for step in steps])


# ---------------------------------------------------------------- a client


def full_file(repository, record):
    check(record.href is not None and not record.elsewhere, f"{record.kind} is elsewhere")
    data = repository.whole(record.href)
    check(record.checksum is not None and record.checksum.matches(data), f"{record.kind} has another checksum")
    content = open_content(data)
    if record.open_checksum is not None:
        record.verify(content)
    return content


def update(repository, held, old, wanted=None, ways=("exact", "head", "format-1", "full")):
    """Gives for each wanted type its way and its new open content, or the last refusal.

    `held`: type -> Held; `old`: the client's Repomd or None. The first way that works is taken.
    """
    repomd = read_repomd(repository.whole("repodata/repomd.xml"))
    results = {}
    wanted = list(repomd.records) if wanted is None else wanted
    open_kinds = []
    for kind in wanted:
        record = repomd.records.get(kind)
        if record is None:
            results[kind] = (None, NotServed(f"repomd.xml has no {kind}"))
        elif kind in held and record.open_checksum and record.open_checksum.matches(held[kind].content):
            results[kind] = ("current", held[kind].content)
        else:
            open_kinds.append(kind)
            results[kind] = (None, NotServed(f"{kind} is not held"))
    for way in ways:
        asked = {kind: held[kind] for kind in open_kinds if kind in held}
        try:
            if way == "exact":
                found = by_exact_request(repository, repomd, old, asked) if asked else {}
            elif way == "head":
                found = by_head(repository, repomd, asked) if asked else {}
            else:
                found = {kind: None for kind in (open_kinds if way == "full" else asked)}
        except (Refused, OSError) as refused:
            for kind in asked:
                results[kind] = (None, refused)
            continue
        for kind, parts in found.items():
            record = repomd.records[kind]
            try:
                if isinstance(parts, Refused):
                    raise parts
                if way == "full":
                    content = full_file(repository, record)
                elif way == "format-1":
                    content = by_format_1(repository, record, held[kind])
                else:
                    content = apply_parts(parts, held[kind].content, kind, record.output_limit())
                    record.verify(content)
                results[kind] = (way, content)
                open_kinds.remove(kind)
            except (Refused, OSError) as refused:
                results[kind] = (None, refused)
    return repomd, results


def load(root, kinds=None):
    """What a client holds that has all of a published directory."""
    with open(os.path.join(root, "repodata/repomd.xml"), "rb") as stream:
        repomd = read_repomd(stream.read())
    held = {}
    for kind, record in repomd.records.items():
        skipped = record.href is None or record.href.endswith(".zck") or family(kind).endswith("_db")
        if not skipped and (kinds is None or kind in kinds):
            with open(os.path.join(root, record.href), "rb") as stream:
                held[kind] = Held(open_content(stream.read()), record.timestamp)
    return repomd, held


def main():
    parser = argparse.ArgumentParser(description="Make the open files of a newer publish from those of an older one.")
    parser.add_argument("old", help="a directory with repodata/: what the client holds")
    parser.add_argument("new", help="a directory with repodata/: what is published")
    parser.add_argument("out", help="a directory that open files are written to")
    parser.add_argument("--types", help="types to bring up to date, with commas [default: all that are held]")
    parser.add_argument("--ways", default="exact,head,format-1,full",
                        help="ways to try in this order, with commas [default: %(default)s]")
    parser.add_argument("--held", action="append", default=[], metavar="TYPE=DIR",
                        help="hold this type as it is in another directory")
    options = parser.parse_args()
    try:
        old, held = load(options.old)
        for item in options.held:
            kind, _, root = item.partition("=")
            held[kind] = load(root, [kind])[1][kind]
        wanted = options.types.split(",") if options.types else list(held)
        repository = Repository(options.new)
        repomd, results = update(repository, held, old, wanted, options.ways.split(","))
    except (Refused, OSError, KeyError) as error:
        sys.exit(f"decoder.py: {error}")
    os.makedirs(options.out, exist_ok=True)
    failed = False
    for kind, (way, content) in results.items():
        if way is None:
            print(f"{kind}: {content}")
            failed = True
            continue
        path = os.path.join(options.out, repomd.records[kind].open_name())
        with open(path, "wb") as stream:
            stream.write(content)
        print(f"{kind}: {way}, {len(content)} bytes, {path}")
    print(f"{repository.bytes_read} bytes read")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
