#!/usr/bin/python3
"""Play every client of every earlier publish to the newest one, and compare byte for byte.

    play.py [--every] [--all-served] [--mixtures] DIR DIR…

The directories, each with repodata/, are publishes of one repository, oldest first. Each client holds
what one of them has, all types or a single one, and goes by format 1, by the exact request and by the
head of format 2. Ends with status 1 at the first difference, and at the first delta or journal that is
refused. A way that does not serve a client, as the publisher may choose, is no failure, but for the
exact request where the instruction tells enough for it.
"""

import argparse
import os
import sys

import decoder

WAYS = ("format-1", "exact", "head")


def fail(message):
    sys.exit(f"play.py: {message}")


class Publish:
    def __init__(self, root):
        self.root = root
        self.name = os.path.basename(os.path.normpath(root))
        self.repomd, self.held = decoder.load(root)


def exact_types(old, new, types):
    """The types that the instruction tells enough of for an exact request (format 2, section 10)."""
    mine, theirs = old.repomd.instruction, new.repomd.instruction
    if mine is None or theirs is None or theirs.newest is None or mine.id != theirs.id:
        return []
    if not 1 <= theirs.sequence - mine.sequence <= 1 + len(theirs.further):
        return []
    entries = dict(zip(theirs.types, theirs.newest[1]))
    return [kind for kind in types if kind in new.repomd.records
            and entries.get(decoder.entry_of(new.repomd, new.repomd.records[kind]), 1) != 1]


def play(held, old, new, types, way, name, must=()):
    """Gives how many types were served, and the bytes read besides repomd.xml."""
    repository = decoder.Repository(new.root)
    repomd, results = decoder.update(repository, held, old and old.repomd, types, [way])
    served = 0
    for kind in types:
        found, content = results[kind]
        where = f"{name} to {new.name}, {kind} of {'+'.join(types)}, {way}"
        if found is None:
            if kind in must or not isinstance(content, decoder.NotServed):
                fail(f"{where}: {content}")
        elif content != new.held[kind].content:
            fail(f"{where}: the result differs from the published file")
        else:
            served += 1
    repomd_size = os.path.getsize(os.path.join(new.root, "repodata/repomd.xml"))
    return served, repository.bytes_read - repomd_size


def selections(old, new):
    types = [kind for kind in new.held if kind in old.held]
    return [types] + [[kind] for kind in types] if len(types) > 1 else [types]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", action="store_true", help="take each publish but the first as the newest, too")
    parser.add_argument("--all-served", action="store_true",
                        help="fail where format 1 or the head does not serve a client")
    parser.add_argument("--mixtures", action="store_true",
                        help="play clients whose first type is of another publish than the rest, too")
    parser.add_argument("publishes", nargs="+", metavar="DIR")
    options = parser.parse_args()
    try:
        publishes = [Publish(root) for root in options.publishes]
    except (decoder.Refused, OSError) as error:
        fail(error)
    if len(publishes) < 2:
        fail("there must be two publishes or more")

    print(f"{'client':>12} {'newest':>12} {'clients':>8}  bytes for all types: "
          + "".join(f"{way:>10}" for way in WAYS))
    total = files = 0
    for index in range(1 if options.every else len(publishes) - 1, len(publishes)):
        new = publishes[index]
        for old in publishes[:index]:
            cells, clients = {}, 0
            for types in selections(old, new):
                for way in WAYS:
                    must = types if options.all_served else []
                    if way == "exact":
                        must = exact_types(old, new, types)
                    served, size = play(old.held, old, new, types, way, old.name, must)
                    clients, files = clients + (served > 0), files + served
                    cells.setdefault(way, f"{size}" if served == len(types) else f"{served} of {len(types)}")
            total += clients
            print(f"{old.name:>12} {new.name:>12} {clients:>8}" + " " * 23
                  + "".join(f"{cells[way]:>10}" for way in WAYS), flush=True)

    mixtures = 0
    new = publishes[-1]
    for one in publishes[:-1] if options.mixtures else []:
        for rest in publishes[:-1]:
            held = dict(rest.held)
            first = next(iter(new.held))
            if one is rest or first not in one.held or len(new.held) < 2:
                continue
            held[first] = one.held[first]
            types = [kind for kind in new.held if kind in held]
            for way in ("format-1", "head"):
                must = types if options.all_served else []
                served, _ = play(held, None, new, types, way, f"{first} of {one.name}, the rest of {rest.name}", must)
                mixtures, files = mixtures + 1, files + served
    print(f"{total} clients of one publish, {mixtures} of two, {files} files: every byte is the same")


if __name__ == "__main__":
    main()
