"""Where a clerk chooses: the form of a mail in which nothing was read, and the mail that another one belongs to."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from integration.console.conftest import Browser, Clock, Site, config_of
from integration.console.test_deciding import CONFLICT, DROP, QUESTION, STRANGER, boxes, outcome, send, standing
from mailbox_ingest.app import open_app
from mailbox_ingest.config import FieldConfig
from mailbox_ingest.periods import Period
from mailbox_ingest.store.reports.standing import current_report

FIGURES = {"v-members": "396", "v-smartphone_users": "300", "v-installed": "210"}


@pytest.fixture
def two_forms(held: Site, tmp_path: Path):
    """The same database, with a second form whose fields have the same names."""
    config = config_of(f"sqlite:///{tmp_path / 'held.db'}")
    first = config.forms[0]
    second = replace(first, name="antoan", title="Báo cáo an toàn lao động", fields=tuple(_renamed(item) for item in first.fields))
    with open_app(replace(config, forms=(first, second)), clock=Clock(held.clock.now)) as app:
        site = Site(app=app, clock=held.clock)
        with site._open:
            yield site


def _renamed(field: FieldConfig) -> FieldConfig:
    return replace(field, title=f"{field.title} (an toàn)")


def test_the_form_of_a_mail_in_which_nothing_was_read_is_chosen(two_forms: Site) -> None:
    browser = two_forms.enter()
    page = browser.get(f"/can-xem/{QUESTION}")
    assert boxes(page)["mau"] == "bluezone" and f'href="/can-xem/{QUESTION}?mau=antoan"' in page
    chosen = browser.get(f"/can-xem/{QUESTION}?mau=antoan")
    assert "(an toàn)</label>" in chosen and boxes(chosen)["mau"] == "antoan"
    form = boxes(chosen) | FIGURES | {"viec": "accept", "don-vi": "cd-cuc-thue", "tuan": "2020-W35"}
    assert browser.post(f"/can-xem/{QUESTION}", **form).status_code == 303
    with two_forms.app.snapshots.begin() as session:
        report = current_report(session, "antoan", "cd-cuc-thue", Period(2020, 35))
        assert report is not None and report.values["members"] == 396
        assert current_report(session, "bluezone", "cd-cuc-thue", Period(2020, 35)) is None


def test_a_choice_of_form_that_cannot_be_writes_nothing(two_forms: Site) -> None:
    browser = two_forms.enter()
    form = (
        boxes(browser.get(f"/can-xem/{QUESTION}?mau=khong-co")) | FIGURES | {"viec": "accept", "don-vi": "cd-cuc-thue", "tuan": "2020-W35"}
    )
    assert form["mau"] == "bluezone"
    for forged in ("khong-co", ""):
        assert "không còn nữa" in browser.post(f"/can-xem/{QUESTION}", **(form | {"mau": forged})).text
    assert outcome(two_forms, QUESTION) == "needs_review"


def test_figures_of_one_form_are_never_merged_into_a_report_of_another(two_forms: Site) -> None:
    browser = two_forms.enter()
    form = boxes(browser.get(f"/can-xem/{QUESTION}?mau=antoan")) | FIGURES | {"viec": "merge", "gop-so": str(DROP)}
    answer = browser.post(f"/can-xem/{QUESTION}", **form)
    assert answer.status_code == 422 and "biểu mẫu là" in answer.text
    assert outcome(two_forms, QUESTION) == "needs_review" and outcome(two_forms, DROP) == "needs_review"


def test_with_one_form_there_is_nothing_to_choose(held: Site) -> None:
    assert "?mau=" not in held.enter().get(f"/can-xem/{QUESTION}")


def choices(page: str) -> dict[str, str]:
    found = re.search(r'name="gop-vao".*?</select>', page, re.DOTALL)
    return {} if found is None else dict(re.findall(r'<option value="(\d+)"[^>]*>([^<]*)', found[0]))


def test_mails_that_may_belong_together_are_named_with_unit_week_and_state(held: Site) -> None:
    offered = choices(held.enter().get(f"/can-xem/{DROP}"))
    assert str(DROP) not in offered
    assert "đã nhận" in offered["3"] and "LĐLĐ huyện Gio Linh, tuần 34" in offered["3"]


def test_a_mail_is_merged_into_the_one_chosen_or_the_number_typed_and_the_choice_survives_a_refusal(held: Site) -> None:
    browser = held.enter()
    refused = send(browser, DROP, "merge", gop_vao="3")
    assert refused.status_code == 422 and '<option value="3" selected>' in refused.text
    assert send(browser, QUESTION, "merge", gop_so=str(DROP)).status_code == 303
    assert standing(held, "ldld-gio-linh") == {"members": 2876, "smartphone_users": 2444, "installed": 160}


def differing(browser: Browser, number: int, into: int, **more: str):
    place = {"viec": "merge", "gop-so": str(into), "don-vi": "LĐLĐ huyện Cam Lộ", "tuan": "2020-W35"}
    return browser.post(f"/can-xem/{number}", **(boxes(browser.get(f"/can-xem/{number}")) | place | more))


def test_where_both_mails_give_figures_the_clerk_says_that_those_in_the_boxes_count(held: Site) -> None:
    browser = held.enter()
    mine = boxes(browser.get(f"/can-xem/{STRANGER}"))
    assert 'name="lay-so"' not in browser.get(f"/can-xem/{STRANGER}")
    refused = differing(browser, STRANGER, DROP)
    assert refused.status_code == 422 and 'name="lay-so"' in refused.text and "lấy số trong các ô" in refused.text
    assert standing(held, "ldld-cam-lo") is None
    assert differing(browser, STRANGER, DROP, **{"lay-so": "1"}).status_code == 303
    kept = {name: int(mine[f"v-{name}"]) for name in ("members", "smartphone_users", "installed")}
    assert standing(held, "ldld-cam-lo") == kept
    assert "do người nhập" in browser.get(f"/thu/{DROP}")
    assert outcome(held, CONFLICT) == "needs_review"
