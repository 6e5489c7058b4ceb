"""The migrations make exactly the tables of the code, on both databases, and other schemas are refused with advice."""

from __future__ import annotations

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, event, inspect, text
from sqlalchemy.exc import IntegrityError

from mailbox_ingest.errors import ConfigurationError, StoreUnavailable
from mailbox_ingest.periods import Period
from mailbox_ingest.resources import resource_dir
from mailbox_ingest.store.database import migrate
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import check_current, ensure_current, upgrade
from mailbox_ingest.store.ledger.claims import claim_messages
from mailbox_ingest.store.ledger.search import MessageQuery, search_messages
from mailbox_ingest.store.outgoing.desk import drop_mail
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.outgoing.outbox import claim_due
from mailbox_ingest.store.reports.standing import reports_of_period
from mailbox_ingest.store.tables import METADATA


def test_autogenerate_finds_nothing_after_upgrade_to_head(empty_store_url: str) -> None:
    engine = open_engine(empty_store_url)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_checks_and_partial_indices_are_those_of_the_code(empty_store_url: str) -> None:
    # Autogenerate does not look at these two.
    engine = open_engine(empty_store_url)
    upgrade(engine)
    migrated = _details(engine)
    METADATA.drop_all(engine)
    METADATA.create_all(engine)
    assert migrated == _details(engine)
    engine.dispose()


def test_migrations_import_nothing_of_ours() -> None:
    for path in resource_dir("migrations").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.startswith("mailbox_ingest") for name in names), path


def test_an_empty_database_gets_its_tables_by_itself_and_a_second_start_changes_nothing(empty_store_url: str) -> None:
    engine = open_engine(empty_store_url)
    with pytest.raises(StoreUnavailable, match="db upgrade"):
        check_current(engine)
    ensure_current(engine)
    ensure_current(engine)
    check_current(engine)
    engine.dispose()


def test_an_older_schema_is_refused_with_the_command_that_mends_it(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _copy_migrations_with_another_head(tmp_path)
    monkeypatch.setattr("mailbox_ingest.store.database.migrate.resource_dir", lambda _name: tmp_path)
    with pytest.raises(StoreUnavailable, match=rf"schema {_head()}, this version needs 9999.*db upgrade"):
        ensure_current(engine)
    upgrade(engine)
    check_current(engine)


def test_a_newer_schema_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for start in (check_current, ensure_current, upgrade):
        with pytest.raises(StoreUnavailable, match="newer mailbox-ingest"):
            start(engine)


def test_a_database_of_somebody_else_is_left_alone(empty_store_url: str) -> None:
    engine = open_engine(empty_store_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    for start in (check_current, ensure_current, upgrade):
        with pytest.raises(StoreUnavailable, match="not ours"):
            start(engine)
    assert inspect(engine).get_table_names() == ["theirs"]
    engine.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "postgresql://localhost/x", "store.db", ""])
def test_a_url_of_another_kind_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError, match="sqlite:///"):
        open_engine(url)


def test_a_missing_folder_and_an_unreachable_server_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist: create it"):
        open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}")
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/x?connect_timeout=2")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        ensure_current(engine)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is not a database, but long enough to be taken for one" * 20)
    with pytest.raises(StoreUnavailable, match="not a database"):
        ensure_current(open_engine(f"sqlite:///{tmp_path / 'store.db'}"))


def test_sqlite_keeps_what_is_committed_and_lets_readers_in(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_queues_are_read_through_their_small_indices(sqlite_engine: Engine) -> None:
    # A bound parameter in place of the literal condition would silently make this a scan of the whole ledger.
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            rows = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.append(" / ".join(row[3] for row in rows))

    event.listen(sqlite_engine, "before_cursor_execute", explain)
    with session_factory(sqlite_engine).begin() as session:
        claim_messages(session, now=datetime.now(UTC), lease=timedelta(minutes=1), limit=5)
        claim_due(session, now=datetime.now(UTC), limit=5, budget_recipients=5)
        reports_of_period(session, "bluezone", Period(2020, 34))
    assert "ix_messages_open" in plans[0]
    assert "ix_outgoing_open" in plans[1]
    assert "ix_reports_form_period_unit" in plans[2]
    assert not any("SCAN messages" in plan and "INDEX" not in plan for plan in plans)


def _details(engine: Engine) -> dict[str, Any]:
    seen = inspect(engine)
    found: dict[str, Any] = {}
    for table in METADATA.tables:
        checks = {(check["name"], " ".join(check["sqltext"].split())) for check in seen.get_check_constraints(table)}
        indices = {
            (index["name"], tuple(index["column_names"]), bool(index["unique"]), _options(index)) for index in seen.get_indexes(table)
        }
        keys = {(key["name"], tuple(key["constrained_columns"]), key["referred_table"]) for key in seen.get_foreign_keys(table)}
        found[table] = (checks, indices, keys)
    return found


def _options(index: Any) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, str(value)) for name, value in index.get("dialect_options", {}).items()))


def _copy_migrations_with_another_head(target: Path) -> None:
    source = resource_dir("migrations")
    (target / "versions").mkdir()
    for name in ("env.py", "script.py.mako", *(f"versions/{path.name}" for path in sorted((source / "versions").glob("0*.py")))):
        (target / name).write_bytes((source / name).read_bytes())
    (target / "versions" / "9999_later.py").write_text(
        f"revision = '9999'\ndown_revision = '{_head()}'\nbranch_labels = depends_on = None\n\n\ndef upgrade():\n    pass\n",
        encoding="utf-8",
    )


def _head() -> str:
    """The migration that comes last: files are numbered in their order."""
    return max(path.name[:4] for path in (resource_dir("migrations") / "versions").glob("0*.py"))


def test_a_ledger_of_the_version_before_is_upgraded_with_what_it_holds(empty_store_url: str) -> None:
    engine = open_engine(empty_store_url)
    with engine.begin() as connection:
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        old = MetaData()
        old.reflect(connection)
        _put(connection, old, "raw_messages", id=1, size_bytes=3, codec="zstd")
        subject = "Báo cáo  Đakrông – tuần 35"
        done = {"state": "done", "outcome": "accepted", "sender_email": "camlo@b.example", "reference_ids": [], "flags": []}
        _put(connection, old, "messages", id=1, raw_id=1, uidvalidity=1, uid=1, subject=subject, in_reply_to="<x@b.example>", **done)
        _put(connection, old, "attachments", message_id=1, position=0, name="Biểu 01.xlsx", size_bytes=1)
        _put(connection, old, "outgoing", id=1, kind="receipt", state="queued", reference_ids=[], in_answer_to=1)
        _put(connection, old, "outgoing_recipients", outgoing_id=1, position=0, email="camlo@b.example")
    upgrade(engine)
    check_current(engine)
    with session_factory(engine).begin() as session:
        (found,) = search_messages(session, MessageQuery(words="dakrong bieu")).items
        assert (found.message.subject, found.message.asked_at) == (subject, None)
        drop_mail(session, "1", who="Lan", now=datetime(2020, 8, 28, tzinfo=UTC), note="thử")  # a state that the old check refused
        assert [(entry.state, entry.recipients) for entry in list_outbox(session)] == [("given_up", ("camlo@b.example",))]
    with engine.begin() as connection, pytest.raises(IntegrityError):
        connection.execute(text("UPDATE outgoing SET state = 'nowhere'"))
    engine.dispose()


def _put(connection: Connection, tables: MetaData, into: str, **values: object) -> None:
    """A row with these values, and something harmless in every other column that must have a value."""
    table = tables.tables[into]
    blank = {bytes: b"\0" * 32, int: 0, bool: False, datetime: datetime(2020, 8, 28, tzinfo=UTC)}
    needed = {c.name: blank.get(c.type.python_type, "") for c in table.columns if not c.nullable and c.name not in values}
    connection.execute(table.insert().values(**needed, **values))
