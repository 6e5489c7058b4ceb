"""The digests of weeks 34 to 37, counted again by plain SQL from the tables alone, and equal to the figure.

The mails are those of the shared corpus where it lies beside the checkout, else those of the demo's story.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import Config, DigestConfig, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import story
from mailbox_ingest.periods import LOCAL_ZONE, Period

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "dev"
WEEKS = [Period(2020, week) for week in (34, 35, 36, 37)]
FIELDS = ("members", "smartphone_users", "installed")
DUE = {
    "2020-W34": "2020-08-20 10:00:00.000000",  # Thursday 17:00 in Việt Nam, as the store keeps it: UTC
    "2020-W35": "2020-08-28 10:00:00.000000",
    "2020-W36": "2020-09-04 10:00:00.000000",
    "2020-W37": "2020-09-11 10:00:00.000000",
}
AS_OF = datetime(2020, 10, 1, 9, 0, tzinfo=LOCAL_ZONE)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, sqlite3.Connection, list[str]]]:
    """All mails read, then one digest a week sent at the same late moment; with a connection to the same file and the units in order."""
    folder = tmp_path_factory.mktemp("golden")
    mails = CORPUS
    registry = CORPUS / "units.csv"
    if not CORPUS.is_dir():
        mails, registry = folder / "mails", folder / "units.csv"
        mails.mkdir()
        write_units_csv(registry)
        for number, scene in enumerate(story(), start=1):
            (mails / f"{number:03}.eml").write_bytes(scene.raw)
    config = Config(
        store_url=f"sqlite:///{folder}/store.db",
        forms=(builtin_form("bluezone"),),
        smtp=SmtpConfig(host="127.0.0.1", sender="baocao@x.example", sender_name="Tiếp nhận báo cáo"),
        digests=(DigestConfig(name="lanh-dao", form="bluezone", recipients=("pct@x.example",)),),
    )
    config = replace(config, limits=replace(config.limits, ocr_seconds=0.01))  # scans are other tests' business: here they only take time
    ticks = iter(range(10_000_000))
    with open_app(config, clock=lambda: AS_OF + timedelta(milliseconds=next(ticks))) as app:
        app.import_units(registry)
        for _ in app.ingest([mails]):
            pass
        for week in WEEKS:
            app.send_digest("lanh-dao", week)
        with registry.open(encoding="utf-8-sig", newline="") as file:
            codes = [row["code"] for row in csv.DictReader(file)]
        database = sqlite3.connect(folder / "store.db")
        yield app, database, codes
        database.close()


def figures(app: App, week: Period) -> dict[str, Any]:
    found = app.find_digest("lanh-dao", week)
    assert found is not None
    return dict(found.figures)


ACCEPTED = "r.form = 'bluezone' AND r.status IN ('accepted', 'accepted_with_warnings')"


@pytest.mark.parametrize("week", WEEKS, ids=str)
def test_totals_are_the_sums_of_the_accepted_rows(house: tuple[App, sqlite3.Connection, list[str]], week: Period) -> None:
    app, database, _ = house
    query = (
        f"SELECT SUM(f.value) FROM reports r JOIN report_fields f ON f.report_id = r.id WHERE {ACCEPTED} AND r.period = ? AND f.field = ?"
    )
    told = figures(app, week)

    for field in FIELDS:
        assert told["totals"][field] == (database.execute(query, (str(week), field)).fetchone()[0] or 0)
    installed, phones = told["totals"]["installed"], told["totals"]["smartphone_users"]
    assert told["rates"]["installed"]["percent"] == (f"{installed * 100 / phones:.4f}" if phones else None)


@pytest.mark.parametrize("week", WEEKS, ids=str)
def test_completeness_is_counted_by_the_first_arrival(house: tuple[App, sqlite3.Connection, list[str]], week: Period) -> None:
    app, database, codes = house
    query = f"""
        SELECT COUNT(*), SUM(first <= ?) FROM (
            SELECT r.unit, (SELECT MIN(e.first_arrived_at) FROM reports e
                            WHERE e.form = r.form AND e.unit = r.unit AND e.period = r.period AND e.accepted_at IS NOT NULL) AS first
            FROM reports r WHERE {ACCEPTED} AND r.period = ?)
    """
    reported, on_time = database.execute(query, (DUE[str(week)], str(week))).fetchone()
    counted = figures(app, week)["completeness"]

    assert counted["expected"] == len(codes)
    assert (counted["on_time"], counted["late"]) == (on_time or 0, reported - (on_time or 0))
    assert counted["missing"] == len(codes) - reported


@pytest.mark.parametrize("week", WEEKS[1:], ids=str)
def test_the_change_is_taken_over_the_units_of_both_weeks(house: tuple[App, sqlite3.Connection, list[str]], week: Period) -> None:
    app, database, _ = house
    query = f"""
        SELECT COUNT(DISTINCT r.unit), SUM(now.value), SUM(before.value)
        FROM reports r
        JOIN reports p ON p.unit = r.unit AND p.form = r.form AND p.period = ? AND p.status IN ('accepted', 'accepted_with_warnings')
        JOIN report_fields now ON now.report_id = r.id AND now.field = ?
        JOIN report_fields before ON before.report_id = p.id AND before.field = now.field
        WHERE {ACCEPTED} AND r.period = ?
    """
    like = figures(app, week)["like_for_like"]
    for field in FIELDS:
        units, now, before = database.execute(query, (str(week.shifted(-1)), field, str(week))).fetchone()
        if like is None:
            assert units == 0
        else:
            assert (like["units"], like["totals_now"][field], like["totals_before"][field]) == (units, now, before)


@pytest.mark.parametrize("week", WEEKS, ids=str)
def test_units_without_a_report_are_carried_forward_from_their_last_one(
    house: tuple[App, sqlite3.Connection, list[str]], week: Period
) -> None:
    app, database, _ = house
    query = f"""
        SELECT SUM(f.value) FROM reports r JOIN report_fields f ON f.report_id = r.id AND f.field = ?
        WHERE {ACCEPTED} AND r.period = (SELECT MAX(l.period) FROM reports l WHERE l.form = r.form AND l.unit = r.unit AND l.period <= ?
                                         AND l.status IN ('accepted', 'accepted_with_warnings'))
    """
    carried = figures(app, week)["carried_forward"]

    assert carried["totals"] == {field: database.execute(query, (field, str(week))).fetchone()[0] or 0 for field in FIELDS}


def test_the_mails_gave_something_to_count(house: tuple[App, sqlite3.Connection, list[str]]) -> None:
    assert sum(figures(house[0], week)["completeness"]["on_time"] for week in WEEKS) > 20
