"""What the stack keeps in its folder."""

import json
from pathlib import Path

import pytest

from ops.errors import AlreadyUp, EndpointsUnreadable
from ops.stack import Endpoints
from ops.stack.folder import Folder
from ops.stack.logs import tail
from ops.stack.ports import choose, free_port
from ops.stack.secret import secrets_of


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """The same folder has the same secrets, readable by their owner only; another folder has others."""
    first = Folder.made(tmp_path / "first")
    assert secrets_of(first) == secrets_of(first)
    assert (first.path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert secrets_of(first).passwords != secrets_of(Folder.made(tmp_path / "second")).passwords


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    """A second supervisor of the same folder is refused while the first holds it, and only then."""
    folder = Folder.made(tmp_path)
    with folder.held(), pytest.raises(AlreadyUp), folder.held():
        pass
    with folder.held():
        pass


def test_a_half_written_file_reads_as_nothing(tmp_path: Path) -> None:
    """A state file that was cut off is treated as absent."""
    (tmp_path / "state.json").write_text('{"ports": ', encoding="utf-8")
    assert Folder(tmp_path).read("state.json") == {}


def test_endpoints_are_read_as_they_were_written(tmp_path: Path) -> None:
    """endpoints.json round-trips; a missing or malformed one is told in a sentence."""
    accounts = secrets_of(Folder.made(tmp_path)).accounts
    written = Endpoints(
        "127.0.0.1:1", {"keyring": "postgresql://"}, {"registration": "http://"}, accounts, {"kafka": 3}
    )
    path = tmp_path / "endpoints.json"
    path.write_text(json.dumps(written.as_json()), encoding="utf-8")
    assert Endpoints.read(path) == written
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(EndpointsUnreadable, match="not a file of endpoints"):
        Endpoints.read(path)
    with pytest.raises(EndpointsUnreadable, match="formelie up"):
        Endpoints.read(tmp_path / "nowhere.json")


def test_ports_are_remembered_distinct_and_consecutive_on_demand() -> None:
    """A free remembered port is kept; others are chosen apart; a base gives consecutive ones."""
    kept = free_port()
    chosen = choose(["a", "b", "c"], {"b": kept})
    assert chosen["b"] == kept
    assert len(set(chosen.values())) == 3
    base = free_port()
    assert choose(["a"], {}, base=base) == {"a": base}


def test_the_tail_of_a_log_is_its_last_lines(tmp_path: Path) -> None:
    """A missing log has no lines."""
    log = tmp_path / "x.log"
    assert tail(log, 2) == ""
    log.write_text("one\ntwo\nthree\n", encoding="utf-8")
    assert tail(log, 2) == "two\nthree"
