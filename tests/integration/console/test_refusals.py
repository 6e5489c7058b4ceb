"""Every refusal that a room below the desk can make is told to the clerk in Vietnamese; none of its English is shown."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest

import mailbox_ingest
from integration.console.conftest import Site
from integration.console.test_deciding import DROP, ENCRYPTED, QUESTION, SCAN, boxes, send
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.console import review
from mailbox_ingest.console.refusals import REFUSED, TEXTS, UNTOLD, told
from mailbox_ingest.console.registry import Registry
from mailbox_ingest.errors import ConflictError, DecisionRefused, OperatorError
from mailbox_ingest.model import Role
from mailbox_ingest.periods import Period
from mailbox_ingest.review.rules import Obstacle
from mailbox_ingest.store.outgoing.lookup import list_outbox

HOUSE = Path(mailbox_ingest.__file__).parent
REFUSALS = ("DecisionRefused", "ConflictError", "ConfigurationError", "Obstacle")
NOT_FROM_THE_DESK = {
    "app/accounts.py": "Google's authorisation, at the command line",
    "app/build.py": "a missing [smtp] table has a note of its own on the page of a digest",
    "app/digesting.py": "digests are named by our own links; another name is a 404",
    "app/registering.py": "units are added, edited and merged at the command line",
    "store/people/access.py": "users are added at the command line",
    "store/outgoing/digests.py": "a second freezing is caught where it happens",
    "store/database/engine.py": "before anything is opened",
    "store/ledger/replays.py": "replays are applied at the command line",
}
ENGLISH = re.compile(r"\b(message|report|expected|cannot|look again|accepted|unit|period|held|missing|the)\b")


def refusals() -> list[tuple[str, str | None, frozenset[str]]]:
    """Of every refusal that the desk can meet: where it stands, its code, and the names of its facts."""
    found: list[tuple[str, str | None, frozenset[str]]] = []
    for path in sorted(path for room in ("app", "review", "store") for path in (HOUSE / room).rglob("*.py")):
        name = path.relative_to(HOUSE).as_posix()
        if name in NOT_FROM_THE_DESK:
            continue
        found.extend(
            (f"{name}:{node.lineno}", *_coded(node))
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS
        )
    return found


def _coded(call: ast.Call) -> tuple[str | None, frozenset[str]]:
    if isinstance(call.func, ast.Name) and call.func.id == "Obstacle":
        code = call.args[0]
        facts = [key.value for item in call.args[2:] if isinstance(item, ast.Dict) for key in item.keys if isinstance(key, ast.Constant)]
    else:
        code = next((item.value for item in call.keywords if item.arg == "code"), ast.Constant(None))
        facts = [item.arg for item in call.keywords if item.arg not in ("code", None)]
    return code.value if isinstance(code, ast.Constant) else None, frozenset(str(item) for item in facts)


def test_every_refusal_that_the_desk_can_meet_has_its_vietnamese_and_gives_the_facts_that_it_names() -> None:
    found = refusals()
    assert len(found) > 30
    for where, code, facts in found:
        assert code in TEXTS, f"{where}: give the refusal a code, and console/refusals.py its words"
        named = {name for _, name, _, _ in Formatter().parse(TEXTS[str(code)]) if name}
        assert named <= facts, f"{where}: {code} does not give {named - facts}"
    assert set(TEXTS) == {code for _, code, _ in found}, "words that nobody needs any more"


def test_the_rooms_that_are_left_out_exist() -> None:
    assert all((HOUSE / name).is_file() for name in NOT_FROM_THE_DESK)


FACTS: dict[str, Any] = {
    "form": "bluezone", "unit": "ldld-gio-linh", "period": Period(2020, 35), "message": 1234, "outcome": "rejected", "state": "sent",
    "address": "a@congdoan.example", "field": "members", "whole": "installed", "value": 1234, "whole_value": 5, "limit": 7,
    "obstacles": (Obstacle("field_missing", "members is missing", {"field": "members"}), Obstacle("unit_missing", "the unit is not known")),
    "differ": [("members", 1234, 2345), ("unit", "ldld-gio-linh", "ldld-cam-lo"), ("period", Period(2020, 34), Period(2020, 35))],
}  # fmt: skip


def test_each_refusal_reads_as_a_vietnamese_sentence(held: Site) -> None:
    for code in sorted(TEXTS):
        text = told(DecisionRefused("the English sentence", code=code, **FACTS), visit(held))
        assert text.startswith(REFUSED) and text.endswith(".") and not text.endswith(".."), text
        assert not ENGLISH.search(text.replace("a@congdoan.example", "")), text
        assert "{" not in text and "ldld-" not in text and "2020-W" not in text, text


def visit(site: Site) -> Any:
    return SimpleNamespace(app=site.app, registry=Registry(site.app))


def test_two_obstacles_and_two_differences_are_all_named(held: Site) -> None:
    text = told(DecisionRefused("x", code="obstacles", **FACTS), visit(held))
    assert text == f"{REFUSED}còn thiếu số “{builtin_form('bluezone').fields[0].title}”. Chưa chọn đơn vị."
    text = told(DecisionRefused("x", code="two_differ", **FACTS), visit(held))
    assert "1.234 hoặc 2.345" in text and "LĐLĐ huyện Gio Linh hoặc LĐLĐ huyện Cam Lộ" in text


def problem(answer: Any) -> str:
    found = re.search(r'<p class="problem" role="alert">([^<]*)</p>', answer.text)
    assert found, answer.text[:800]
    assert not ENGLISH.search(unescape(found[1])), found[1]
    return unescape(found[1])


def test_merging_is_refused_in_words(held: Site) -> None:
    browser = held.enter()
    assert "chính thư đó" in problem(send(browser, DROP, "merge", gop_vao=str(DROP)))
    assert "không có thư mang số này" in problem(send(browser, DROP, "merge", gop_vao="999999"))
    send(browser, ENCRYPTED, "ignore")
    assert "Thư " not in problem(send(browser, DROP, "merge", gop_vao=str(ENCRYPTED)))
    assert "“bỏ qua”" in problem(send(browser, DROP, "merge", gop_vao=str(ENCRYPTED)))
    assert "hai thư không giống nhau" in problem(send(browser, DROP, "merge", gop_vao=str(SCAN)))


def test_a_report_in_a_place_that_a_later_one_holds_is_refused_in_words(held: Site) -> None:
    browser = held.enter()
    unit = "LĐLĐ huyện Gio Linh"
    assert send(browser, DROP, "accept").status_code == 303
    assert "thay-moi-hon" not in browser.get(f"/can-xem/{SCAN}")
    answer = send(browser, SCAN, "accept", don_vi=unit)
    assert f"{unit} đã có báo cáo tuần 35" in problem(answer) and 'name="thay-moi-hon"' in answer.text
    form = boxes(browser.get(f"/can-xem/{SCAN}")) | {"viec": "accept", "don-vi": unit, "thay-moi-hon": "1"}
    assert browser.post(f"/can-xem/{SCAN}", **form).status_code == 303


def test_other_acts_are_refused_in_words(held: Site) -> None:
    browser = held.enter(Role.ADMIN)
    assert "không được miễn báo cáo tuần 35" in problem(browser.post("/don-vi/ldld-cam-lo/mien", tuan="2020-W35", viec="lift"))
    address = {"dia-chi": "khong-co@congdoan.example"}
    assert "không còn chờ đăng ký" in problem(browser.post("/don-vi/ldld-cam-lo/dia-chi", viec="approve", **address))
    assert "không còn chờ đăng ký" in problem(browser.post("/don-vi/ldld-cam-lo/dia-chi", viec="decline", **address))
    assert "bị trả lại" in problem(browser.post("/don-vi/ldld-cam-lo/dia-chi", viec="revive", **address))
    assert "không có thư này" in problem(browser.post("/suc-khoe/hop-gui", thu="999999", viec="drop"))
    send(browser, DROP, "accept")
    with held.app.snapshots.begin() as session:
        mail = next(entry for entry in list_outbox(session) if entry.kind == "review_decision")
    browser.post("/suc-khoe/hop-gui", thu=str(mail.id), viec="drop")
    assert "“thôi không gửi”" in problem(browser.post("/suc-khoe/hop-gui", thu=str(mail.id), viec="drop"))


@pytest.mark.parametrize("error", [ConflictError("a report was lost, the English says"), DecisionRefused("the unit is gone", code="new")])
def test_a_refusal_that_nobody_translated_is_told_in_general(held: Site, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    browser = held.enter()
    form = boxes(browser.get(f"/can-xem/{QUESTION}")) | {"viec": "ignore"}
    monkeypatch.setattr(review.Desk, "act", _raising(error))
    assert problem(browser.post(f"/can-xem/{QUESTION}", **form)) == UNTOLD


def test_a_failure_of_the_house_shows_no_english_either(held: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = held.enter()
    monkeypatch.setattr(review.Desk, "queue", _raising(OperatorError("the disk at /var/lib is full")))
    answer = browser.client.get("/can-xem")
    assert answer.status_code == 500 and UNTOLD in unescape(answer.text) and "/var/lib" not in answer.text


def _raising(error: Exception) -> Any:
    def act(*_: object, **__: object) -> None:
        raise error

    return act
