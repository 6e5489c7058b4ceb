"""Copies of a database in use, put back on a real SQLite and a real PostgreSQL, and compared table by table."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mailbox_ingest.alarms import Watch
from mailbox_ingest.app import App, open_app
from mailbox_ingest.app.copies import last_due_copy
from mailbox_ingest.backup import back_up, postgres, restore
from mailbox_ingest.cli import main
from mailbox_ingest.config import BackupConfig, Config
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import story
from mailbox_ingest.errors import BackupFailed, StoreUnavailable
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.store.database.engine import open_engine
from mailbox_ingest.store.operations.alarms import open_alarms
from mailbox_ingest.store.tables import METADATA
from mailbox_ingest.worker import Worker
from servers.postgres import PostgresServer
from servers.stores import STORES

NOW = datetime(2020, 8, 22, 9, 0, tzinfo=LOCAL_ZONE)
Contents = dict[str, list[tuple[Any, ...]]]


def fill(url: str, folder: Path) -> None:
    """Mails, reports and queued replies."""
    (folder / "mails").mkdir()
    for number, scene in enumerate(story()[:3]):
        (folder / "mails" / f"{number}.eml").write_bytes(scene.raw)
    write_units_csv(folder / "units.csv")
    with open_app(Config(store_url=url, forms=(builtin_form("bluezone"),)), clock=lambda: NOW) as app:
        app.import_units(folder / "units.csv")
        assert len(list(app.ingest([folder / "mails"]))) == 3


@pytest.fixture(scope="module")
def full_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full")
    fill(f"sqlite:///{folder}/full.db", folder)
    return folder / "full.db"


@pytest.fixture(scope="module")
def full_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = postgres_server.create_database()
    fill(postgres_server.url(name), tmp_path_factory.mktemp("full"))
    return name


@pytest.fixture(params=STORES)
def full_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A ledger of one's own that holds something, on either database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("full_sqlite"), tmp_path / "store.db")
        yield f"sqlite:///{tmp_path}/store.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database(template=request.getfixturevalue("full_postgres"))
    yield server.url(name)
    server.drop_database(name)


def contents(url: str) -> Contents:
    """Every row of every table of ours."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = {t.name: sorted((tuple(row) for row in connection.execute(t.select())), key=repr) for t in METADATA.sorted_tables}
    engine.dispose()
    return found


def without_outbox_states(found: Contents) -> Contents:
    """What restoring changes on purpose is looked at on its own."""
    columns = [column.name for column in METADATA.tables["outgoing"].columns]
    kept = [n for n, name in enumerate(columns) if name not in ("state", "sending_since")]
    return found | {"outgoing": [tuple(row[n] for n in kept) for row in found["outgoing"]]}


def states(url: str) -> set[str]:
    column = [c.name for c in METADATA.tables["outgoing"].columns].index("state")
    return {row[column] for row in contents(url)["outgoing"]}


@pytest.fixture
def other_url(request: pytest.FixtureRequest, full_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the same kind."""
    if full_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/other.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


def test_a_copy_made_while_the_service_runs_is_the_whole_database(full_url: str, other_url: str, tmp_path: Path) -> None:
    with open_app(Config(store_url=full_url, forms=(builtin_form("bluezone"),))):  # somebody has it open
        made = back_up(full_url, tmp_path, now=NOW)
    assert made.path.name.startswith("mailbox-ingest-20200822T020000Z.") and made.path.stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob(".*"))
    done = restore(other_url, made.path)
    before, after = contents(full_url), contents(other_url)
    assert sum(map(len, before.values())) > 50
    assert without_outbox_states(after) == without_outbox_states(before)
    assert (done.doubted, done.needs_upgrade) == (len(before["outgoing"]), False)
    assert states(full_url) == {"queued"} and states(other_url) == {"sending"}  # the folder of sent mails is asked first
    with open_app(Config(store_url=other_url, forms=(builtin_form("bluezone"),)), clock=lambda: NOW) as app:
        assert app.status(messages=1).counts.received == 0
        (tmp_path / "new.eml").write_bytes(story()[4].raw)
        assert len(list(app.ingest([tmp_path / "new.eml"]))) == 1  # numbers of new rows go on where the copy's end


def test_a_database_that_holds_something_is_replaced_only_by_force_and_then_wholly(full_url: str, tmp_path: Path) -> None:
    made = back_up(full_url, tmp_path, now=NOW)
    before = contents(full_url)
    engine = open_engine(full_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM polls"))
        connection.execute(text("UPDATE messages SET subject = 'changed'"))
        connection.execute(text("CREATE TABLE of_a_newer_version (message_id BIGINT REFERENCES messages (id))"))
    engine.dispose()
    changed = contents(full_url)
    with pytest.raises(BackupFailed, match="not empty: --force"):
        restore(full_url, made.path)
    assert contents(full_url) == changed
    restore(full_url, made.path, force=True)
    assert without_outbox_states(contents(full_url)) == without_outbox_states(before)
    engine = open_engine(full_url)
    with pytest.raises(Exception, match="of_a_newer_version"), engine.connect() as connection:
        connection.execute(text("SELECT * FROM of_a_newer_version"))
    engine.dispose()


def test_a_database_in_use_is_not_replaced_even_by_force(full_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = back_up(full_url, tmp_path, now=NOW)
    engine = open_engine(full_url)
    with engine.connect() as connection, monkeypatch.context() as impatient:
        impatient.setattr(postgres, "_LEAVING_SECONDS", 0.3)
        connection.execute(text("SELECT 1"))
        with pytest.raises(BackupFailed, match="in use"):
            restore(full_url, made.path, force=True)
    engine.dispose()
    restore(full_url, made.path, force=True)


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "newer"])
def test_a_damaged_foreign_or_newer_copy_changes_nothing(full_url: str, tmp_path: Path, damage: str) -> None:
    if damage == "newer":
        engine = open_engine(full_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        made = back_up(full_url, tmp_path, now=NOW)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        engine.dispose()
    else:
        made = back_up(full_url, tmp_path, now=NOW)
        data = made.path.read_bytes()
        middle = len(data) // 2
        spoilt = {
            "cut": data[:middle],
            "changed": data[:middle] + bytes(500) + data[middle + 500 :],
            "foreign": b"PK\x03\x04 something else",
        }
        made.path.write_bytes(spoilt[damage])
    before = contents(full_url)
    with pytest.raises(BackupFailed):
        restore(full_url, made.path, force=True)
    assert contents(full_url) == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("killed_at", ["_revision_in", "check_revision", "doubt_open_mail"])
def test_a_restore_that_was_killed_keeps_everybody_out_until_it_is_made_again(
    full_postgres: str, postgres_server: PostgresServer, tmp_path: Path, killed_at: str
) -> None:
    name = postgres_server.create_database(template=full_postgres)
    url = postgres_server.url(name)
    made = back_up(url, tmp_path, now=NOW)
    before = contents(url)
    program = (
        "import os, sys; from pathlib import Path; from mailbox_ingest.backup import postgres, restore; "
        f"setattr(postgres, {killed_at!r}, lambda *_: os._exit(9)); restore(sys.argv[1], Path(sys.argv[2]), force=True)"
    )
    assert subprocess.run([sys.executable, "-c", program, url, str(made.path)], check=False).returncode == 9
    config = Config(store_url=url, forms=(builtin_form("bluezone"),))
    if killed_at == "_revision_in":  # before anything was touched
        assert contents(url) == before
    else:
        with pytest.raises(StoreUnavailable, match="interrupted: run 'mailbox-ingest restore COPY --force' again"), open_app(config):
            pass
        with pytest.raises(BackupFailed, match="--force makes it again"):
            restore(url, made.path)
    restore(url, made.path, force=True)
    assert without_outbox_states(contents(url)) == without_outbox_states(before)
    with open_app(config):
        pass
    postgres_server.drop_database(name)


def test_what_a_killed_copy_left_behind_is_swept_a_day_later_and_nothing_else(full_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    kept = ["notes.part", ".hidden.7.part"]
    names = [".mailbox-ingest-20200820T020000Z.db.gz.7.part", ".mailbox-ingest-20200820T020000Z.pgdump.8.plain", *kept]
    for name in names:
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (0, 0))
    (folder / ".mailbox-ingest-20200821T020000Z.db.gz.9.part").write_bytes(b"another process is at it")
    made = back_up(full_url, folder, now=NOW)
    assert {path.name for path in folder.iterdir()} == {made.path.name, ".mailbox-ingest-20200821T020000Z.db.gz.9.part", *kept}


def test_a_copy_that_cannot_be_finished_leaves_no_file_and_keeps_the_old_ones(full_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    first = back_up(full_url, folder, now=NOW)
    with pytest.raises(BackupFailed, match="there already"):
        back_up(full_url, folder, now=NOW)
    with pytest.raises(BackupFailed, match="is no folder"):
        back_up(full_url, tmp_path / "nowhere" / "copy.db.gz", now=NOW)
    program = (
        "import resource, sys; from datetime import datetime, UTC; from pathlib import Path; from mailbox_ingest.backup import back_up; "
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000)); "
        "back_up(sys.argv[1], Path(sys.argv[2]), now=datetime.now(UTC))"
    )
    done = subprocess.run([sys.executable, "-c", program, full_url, str(folder)], capture_output=True, text=True, check=False)
    assert "BackupFailed" in done.stderr
    assert list(folder.iterdir()) == [first.path]


def test_the_newest_copies_stay_and_other_peoples_files_are_left_alone(full_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "anh.jpg").write_bytes(b"x")
    made = [back_up(full_url, folder, now=NOW + timedelta(days=day), keep=2) for day in range(4)]
    assert sorted(path.name for path in folder.iterdir()) == sorted(["anh.jpg", made[2].path.name, made[3].path.name])
    assert made[3].forgotten == (made[1].path,)


def test_tools_that_are_missing_or_too_old_are_named_with_what_to_install(
    postgres_server: PostgresServer, postgres_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        BackupFailed, match=r"pg_dump of version \d+ or newer is needed \(found: none\): apt-get install postgresql-client-\d+"
    ):
        back_up(postgres_server.url(postgres_store), tmp_path, now=NOW)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    with pytest.raises(BackupFailed, match=r"found: 9\)"):
        back_up(postgres_server.url(postgres_store), tmp_path, now=NOW)


def test_a_copy_goes_back_only_into_the_kind_of_database_it_came_from(
    sqlite_url: str, postgres_server: PostgresServer, postgres_store: str, tmp_path: Path
) -> None:
    made = back_up(sqlite_url, tmp_path, now=NOW)
    with pytest.raises(BackupFailed, match=r"\.pgdump"):
        restore(postgres_server.url(postgres_store), made.path)
    with pytest.raises(BackupFailed, match="no such file"):
        restore(sqlite_url, tmp_path / "nothing.db.gz")


def test_a_copy_can_be_unpacked_by_hand(sqlite_url: str, tmp_path: Path) -> None:
    made = back_up(sqlite_url, tmp_path / "by-hand.db.gz", now=NOW)
    (tmp_path / "by-hand.db").write_bytes(gzip.decompress(made.path.read_bytes()))
    with sqlite3.connect(tmp_path / "by-hand.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (0,)


@pytest.mark.parametrize(("hour", "day"), [(2, 21), (3, 22), (23, 22)])
def test_the_copy_of_a_day_is_due_at_its_time(hour: int, day: int) -> None:
    due = last_due_copy(BackupConfig(folder="x"), NOW.replace(hour=hour, minute=29))
    assert (due.day, due.hour, due.minute) == (day, 2, 30)


def test_the_worker_makes_one_copy_a_day_and_a_failure_is_an_alarm_until_it_succeeds(sqlite_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    config = Config(store_url=sqlite_url, forms=(builtin_form("bluezone"),), backup=BackupConfig(folder=str(folder), keep=2))
    moment = [NOW]
    with open_app(config, clock=lambda: moment[0]) as app:
        worker = Worker(app)
        for _ in range(3):
            worker.backup()
        assert len(list(folder.iterdir())) == 1
        moment[0] += timedelta(days=1)
        elsewhere = replace(config, backup=BackupConfig(folder=f"{tmp_path}/units.csv/x"))
        (tmp_path / "units.csv").write_text("a file where a folder is wanted")
        Worker(_with(app, elsewhere)).backup()
        assert alarms(app.watch, app) == ["backup_failed"]
        worker.backup()
        assert alarms(app.watch, app) == []
        assert len(list(folder.iterdir())) == 2


def _with(app: App, config: Config) -> App:
    return replace(app, config=config)


def alarms(watch: Watch, app: App) -> list[str]:
    with app.snapshots.begin() as session:
        return [alarm.kind.value for alarm in (*open_alarms(session), *watch.remembered())]


def test_the_command_line_copies_and_puts_back(full_sqlite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(full_sqlite, tmp_path / "store.db")
    url, folder = f"sqlite:///{tmp_path}/store.db", tmp_path / "copies"
    folder.mkdir()
    assert main(["backup", "--database", url]) == 2
    assert main(["backup", str(folder), "--keep", "3", "--database", url]) == 0
    (path,) = folder.iterdir()
    assert main(["restore", str(path), "--database", url]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["restore", str(path), "--force", "--database", url]) == 0
    assert "looked up in the folder of sent mails" in capsys.readouterr().out
    assert main(["db", "check", "--database", url]) == 0
