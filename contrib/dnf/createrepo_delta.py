"""A plugin of dnf 4 by which caches that are due are refreshed with deltas.

dnf calls config() for every command, after it has read which repositories are enabled and
before it asks for metadata. What this leaves, dnf fetches as ever; nothing that happens here
is a failure of dnf.
"""

import logging
import os
import subprocess
import sys

import dnf
import dnf.util

COMMAND = '/usr/bin/createrepo-delta'
# How long dnf waits for it at the most, and how much later it is killed.
SECONDS = 30
MARGIN = 5
# Commands that ask for no metadata, or for none that is newer than the cache.
WITHOUT = frozenset((
    'alias', 'autoremove', 'check', 'clean', 'config-manager', 'help', 'history', 'mark',
    'needs-restarting', 'offline-distrosync', 'offline-upgrade', 'provides', 'remove',
    'repolist', 'search', 'system-upgrade'))

logger = logging.getLogger('dnf.plugin')


class CreaterepoDelta(dnf.Plugin):
    """See above."""

    name = 'createrepo_delta'

    def config(self):
        try:
            self._refresh()
        except Exception as error:  # whatever it is, dnf goes on
            logger.debug('createrepo_delta: %s', error)

    def _refresh(self):
        ids = [repo.id for repo in self.base.repos.iter_enabled()]
        within = self._within()
        if not ids or within is None:
            return
        conf = self.base.conf
        command = [COMMAND, 'refresh', '--dnf', '--if-expired', '--expires-within', str(within),
                   '--max-time', str(SECONDS), '--root', conf.installroot,
                   '--cachedir', conf.cachedir, '--dnf-config', conf.config_file_path]
        if conf._get_priority('reposdir') >= dnf.conf.PRIO_COMMANDLINE:
            for directory in conf.reposdir:
                command += ['--reposdir', directory]
        if conf.releasever:
            command += ['--releasever', conf.releasever]
        subprocess.run(command + ['--'] + ids, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, timeout=SECONDS + MARGIN)

    def _within(self):
        """How many seconds before it is too old a cache is refreshed; None for never."""
        if os.geteuid() != 0 or self.base.conf.cacheonly:
            return None
        if self.cli is None:  # dnf-automatic, and others that use dnf as a library
            return 0
        demands, command = self.cli.demands, self.cli.command
        if demands.cacheonly or command.aliases[0] in WITHOUT:
            return None
        if demands.freshest_metadata:  # --refresh
            return sys.maxsize
        if getattr(command.opts, 'timer', False):  # makecache --timer
            if dnf.util.on_metered_connection() or dnf.util.on_ac_power() is False:
                return None
            return self.base.conf.metadata_timer_sync
        return 0
