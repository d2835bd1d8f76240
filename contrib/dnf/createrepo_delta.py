"""A plugin of dnf 4 by which caches that are due are refreshed with deltas.

dnf calls config() for every command, after it has read which repositories are enabled and
before it asks for metadata. What this leaves, dnf fetches as ever; nothing that happens here
is a failure of dnf.
"""

import logging
import os
import subprocess
import sys
import time

import dnf
import dnf.util

COMMAND = '/usr/bin/createrepo-delta'
# How long dnf waits for it at the most, and how much later it is killed.
SECONDS = 15
MARGIN = 5
# Commands that ask for no metadata, or for none that is newer than the cache, whatever their
# options are.
WITHOUT = frozenset((
    'alias', 'autoremove', 'check', 'clean', 'config-manager', 'help', 'mark',
    'needs-restarting', 'offline-distrosync', 'offline-upgrade', 'provides', 'search',
    'system-upgrade'))
# Subcommands of history that ask.
REPEATING = frozenset(('redo', 'replay', 'rollback', 'undo'))
# Settings of a command line that say how servers are reached, which is not known outside of it.
NETWORK = ('password', 'proxy', 'ssl', 'username')

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
        name, opts = command.aliases[0], command.opts
        if demands.cacheonly or not self._asks(name, opts) or has_network_settings(opts):
            return None
        if demands.freshest_metadata:  # --refresh
            return sys.maxsize
        if name != 'makecache':
            return 0
        if getattr(opts, 'timer', None) or getattr(opts, 'timer_opt', False):
            return self._within_of_timer()
        return sys.maxsize  # dnf asks however old its cache is

    def _within_of_timer(self):
        """The same for `makecache --timer`, which dnf itself may decline."""
        period = self.base.conf.metadata_timer_sync
        if dnf.util.on_metered_connection() or dnf.util.on_ac_power() is False or period <= 0:
            return None
        try:
            last = os.path.getmtime(os.path.join(self.base.conf.cachedir, 'last_makecache'))
        except OSError:
            return period
        return None if time.time() - last < period else period

    def _asks(self, name, opts):
        """Whether a command with these options asks for metadata that are not too old."""
        if name == 'history':
            return getattr(opts, 'transactions_action', None) in REPEATING
        if name == 'repolist':
            return self.base.conf.verbose or getattr(opts, 'command', None) == 'repoinfo'
        if name == 'remove':
            return bool(getattr(opts, 'duplicated', False))
        if name in ('info', 'list'):
            actions = (getattr(opts, '_packages_action', None),
                       getattr(opts, 'packages_action', None))
            return 'installed' not in actions
        if name == 'repoquery':
            return bool(getattr(opts, 'available', False)) or not (
                getattr(opts, 'list', None) in ('installed', 'userinstalled')
                or getattr(opts, 'pkgfilter', None) == 'installonly'
                or getattr(opts, 'querytags', False))
        return name not in WITHOUT


def has_network_settings(opts):
    """Whether --setopt says how servers are reached."""
    settings = [getattr(opts, 'main_setopts', None) or {}]
    settings += (getattr(opts, 'repo_setopts', None) or {}).values()
    return any(name.startswith(NETWORK) for one in settings for name in one)
