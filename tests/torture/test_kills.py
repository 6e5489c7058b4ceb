"""A short form of `make torture`: the worker is killed at random moments, and nothing is lost or doubled."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from bench.torture.campaign import campaign
from bench.torture.moments import PHASES
from servers.dovecot import Dovecot
from servers.postgres import PostgresServer

KILLS = 6
_users = count(1)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_a_worker_that_is_killed_again_and_again_loses_and_doubles_nothing(
    store: str, dovecot: Dovecot, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if store == "sqlite":
        urls = (f"sqlite:///{tmp_path}/tortured.db", f"sqlite:///{tmp_path}/undisturbed.db")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        urls = (server.url(server.create_database()), server.url(server.create_database()))
    found = campaign(dovecot, tmp_path, urls, store=store, kills=KILLS, seed=597, user=f"killed-{store}-{next(_users)}")
    assert found.breaches == []
    assert set(found.kills) == set(PHASES)
    assert found.kills.total() == KILLS
    assert found.replies > 0
