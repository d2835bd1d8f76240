"""Downloads a repository with librepo and prints what it got.

Usage: list_librepo.py URL DIRECTORY

One line per metadata record, in order of its type: the fields that librepo
parsed and the SHA-256 of the file that it downloaded and checked. Fails when
librepo does.
"""

import hashlib
import os
import sys

import librepo


def main():
    url, directory = sys.argv[1:]
    os.makedirs(directory)
    handle = librepo.Handle()
    handle.setopt(librepo.LRO_URLS, [url])
    handle.setopt(librepo.LRO_REPOTYPE, librepo.LR_YUMREPO)
    handle.setopt(librepo.LRO_CHECKSUM, True)
    handle.setopt(librepo.LRO_DESTDIR, directory)
    result = librepo.Result()
    handle.perform(result)
    files = result.getinfo(librepo.LRR_YUM_REPO)
    records = result.getinfo(librepo.LRR_YUM_REPOMD)
    fields = (
        "checksum_type",
        "checksum",
        "checksum_open",
        "location_href",
        "timestamp",
        "size",
        "size_open",
    )
    for name, record in sorted(records.items()):
        if not isinstance(record, dict):
            continue
        path = files[name]
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        values = " ".join(str(record[field]) for field in fields)
        print(f"{name} {values} downloaded {digest}")


main()
