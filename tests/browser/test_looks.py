"""Every page at three widths: no serious accessibility violation, nothing wider than the window; pictures for the documentation."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page

from browser.conftest import Desk

PAGES = {
    "tuan": "/tuan",
    "can-xem": "/can-xem",
    "can-xem-mot-thu": "/can-xem/10",
    "thu": "/thu",
    "mot-thu": "/thu/16",
    "don-vi": "/don-vi",
    "mot-don-vi": "/don-vi/ldld-vinh-linh",
    "ban-tin": "/ban-tin",
    "mot-ban-tin": "/ban-tin/lanh-dao/2020-W35",
    "suc-khoe": "/suc-khoe",
    "tai-khoan": "/tai-khoan",
}
WIDTHS = {390: 844, 768: 1024, 1280: 900}
KEEP = os.environ.get("MAILBOX_INGEST_PICTURES")  # a folder: where to keep them (docs/pictures/console)
TALLEST = 1700


def wrong_with(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']} ({item['impact']}): {', '.join(str(node['target']) for node in item['nodes'][:4])}"
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def test_no_page_has_a_serious_accessibility_violation_in_light_or_dark(desk: Desk, page: Page) -> None:
    page.goto(f"{desk.address}/dang-nhap")
    found = {"dang-nhap": wrong_with(page)}
    desk.enter(page)
    for name, path in PAGES.items():
        page.goto(f"{desk.address}{path}", wait_until="networkidle")
        for folded in page.locator("details").all():
            folded.evaluate("node => node.open = true")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found[f"{name}, {scheme}"] = wrong_with(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_the_pages_that_acts_lead_to_are_accessible_too(desk: Desk, page: Page) -> None:
    desk.enter(page)
    page.goto(f"{desk.address}/can-xem/16")
    page.keyboard.press("r")
    page.keyboard.type("Đề nghị kiểm tra lại.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("pre")
    assert wrong_with(page) == []
    page.goto(f"{desk.address}/can-xem/16")
    page.fill("input[name=v-members]", "")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[role=alert]")
    assert wrong_with(page) == []
    page.goto(f"{desk.address}/khong-co")
    assert wrong_with(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_window(desk: Desk, page: Page, width: int) -> None:
    desk.enter(page)
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    too_wide = {}
    for name, path in PAGES.items():
        page.goto(f"{desk.address}{path}", wait_until="networkidle")
        across = page.evaluate("document.documentElement.scrollWidth")
        if across > width:
            too_wide[name] = across
        if KEEP:
            keep(page, Path(KEEP) / f"{name}-{width}.png")
    assert too_wide == {}


def keep(page: Page, path: Path) -> None:
    """As a PNG of few colours: a page of text stays legible and small. Octrees keep what is rare, such as the boxes on a scan."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, TALLEST)))
    image.quantize(200, dither=Image.Dither.NONE, method=Image.Quantize.FASTOCTREE).save(path, optimize=True)
