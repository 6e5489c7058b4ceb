"""What the pictures of a digest show, told by their pixels."""

from __future__ import annotations

import io
from decimal import Decimal

from PIL import Image

from mailbox_ingest.render.digest.charts import Bar, bars

GREEN, AMBER, BLUE = (0x2F, 0x7D, 0x4F), (0xC9, 0x82, 0x0E), (0x0B, 0x5C, 0x8F)


def colours(percent: Decimal | None, target: Decimal | None) -> set[tuple[int, ...]]:
    png = bars([Bar(label="LĐLĐ huyện", group="huyện", percent=percent, shown="")], title="", target=target, target_label="")
    found = Image.open(io.BytesIO(png)).convert("RGB").getcolors(maxcolors=1_000_000) or []
    return {colour for count, colour in found if count > 200 and isinstance(colour, tuple)}


def test_a_unit_at_the_target_is_green_and_one_below_it_amber() -> None:
    assert GREEN in colours(Decimal(100), Decimal(100)) and AMBER not in colours(Decimal(100), Decimal(100))
    assert AMBER in colours(Decimal("99.9"), Decimal(100)) and GREEN not in colours(Decimal("99.9"), Decimal(100))


def test_without_a_target_no_unit_is_judged_and_without_a_figure_there_is_no_bar() -> None:
    assert colours(Decimal(50), None) & {GREEN, AMBER, BLUE} == {BLUE}
    assert not colours(None, Decimal(100)) & {GREEN, AMBER, BLUE}
