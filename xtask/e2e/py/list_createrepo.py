"""Reads a repository with createrepo_c's Python module and prints what it has.

Usage: list_createrepo.py DIRECTORY

One line per record of repomd.xml, then one per package and metadata type.
Works with every version of the module; where it has a `RepositoryReader`, that
is used too.
"""

import os
import sys

import createrepo_c


def parse(kind, path, show):
    """Prints what `show` makes of each package of one metadata file."""
    packages = []
    getattr(createrepo_c, f"xml_parse_{kind}")(path, pkgcb=packages.append)
    for package in packages:
        print(kind, *show(package))


def main():
    directory = sys.argv[1]
    repomd = createrepo_c.Repomd(os.path.join(directory, "repodata/repomd.xml"))
    paths = {}
    for record in repomd.records:
        paths[record.type] = os.path.join(directory, record.location_href)
        print(
            record.type,
            record.location_href,
            record.checksum_type,
            record.checksum,
            record.checksum_open,
            record.timestamp,
            record.size,
            record.size_open,
        )
    parse(
        "primary",
        paths["primary"],
        lambda p: (p.nevra(), p.pkgId, p.location_href, p.time_build, p.summary),
    )
    parse("filelists", paths["filelists"], lambda p: (p.nevra(), p.pkgId, len(p.files)))
    parse("other", paths["other"], lambda p: (p.nevra(), p.pkgId, len(p.changelogs)))
    if hasattr(createrepo_c, "RepositoryReader"):
        reader = createrepo_c.RepositoryReader.from_path(directory)
        for package in reader.iter_packages():
            print("whole", package.nevra(), package.location_href, len(package.files))


main()
