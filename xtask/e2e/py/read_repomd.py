"""Lets librepo read nothing but repomd.xml, for each of some repositories.

Usage: read_repomd.py DIRECTORY…

One line per directory, in order: "read", or "refused" with what librepo said.
"""

import sys
import tempfile

import librepo


def verdict(directory, target):
    handle = librepo.Handle()
    handle.setopt(librepo.LRO_URLS, [f"file://{directory}"])
    handle.setopt(librepo.LRO_REPOTYPE, librepo.LR_YUMREPO)
    handle.setopt(librepo.LRO_YUMDLIST, librepo.LR_YUM_REPOMDONLY)
    handle.setopt(librepo.LRO_DESTDIR, target)
    try:
        handle.perform(librepo.Result())
    except librepo.LibrepoException as error:
        return "refused " + " ".join(str(error).split())
    return "read"


for directory in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as target:
        print(verdict(directory, target))
