"""Pages that OCR read: letters wrong in labels, digits it was not sure of. And the same slips typed by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bench.reading_quality.paper import document, table
from bench.reading_quality.specimen import Scene, Specimen
from bench.reading_quality.wording import grouped, labels, slip
from mailbox_ingest.model import Block, Document, Paragraph, Table

_DECOYS = (
    *("chưa", "không", "dự kiến", "nữ", "tăng", "giảm", "đăng ký", "người thân", "còn lại", "phấn đấu"),
    *("chỉ tiêu", "kế hoạch", "học sinh"),
)


def _read_by_ocr(scene: Scene, made: Document, doubtful: Sequence[str] = ()) -> Document:
    """The same document as a scan: every text a little less than certain, those of `doubtful` much less."""
    rng = scene.rng

    def seen(text: str) -> float:
        return rng.uniform(0.4, 0.8) if text in doubtful else rng.uniform(0.9, 0.99)

    def block(item: Block) -> Block:
        if isinstance(item, Paragraph):
            return replace(item, confidence=seen(item.text))
        return replace(item, cells=tuple(replace(c, confidence=seen(c.text)) for c in item.cells))

    section = made.sections[0]
    return document([block(b) for b in section.blocks], path="scan.pdf", kind="scan")


def _table(scene: Scene, names: Sequence[str], shown: Sequence[str]) -> Table:
    return table(
        [["TT", "NỘI DUNG", "Số lượng"], *[[str(n), *row] for n, row in enumerate(zip(names, shown, strict=True), 1)]], place="bảng 2"
    )


def _slipped(scene: Scene, text: str, slips: int) -> str:
    for _ in range(slips):
        text = slip(scene.rng, text)
    return text


def pages(scene: Scene) -> Specimen:
    """Labels with letters wrong: read rightly, or asked about."""
    rng = scene.rng
    names = [_slipped(scene, name, rng.randrange(4)) for name in labels(rng)]
    made = scene.letter([_table(scene, names, [grouped(v) for v in scene.values])])
    return replace(scene.specimen("scan: letters wrong", blocks=[], clear=False), documents=(_read_by_ocr(scene, made),))


def digits(scene: Scene) -> Specimen:
    """A digit was misread, and OCR said that it was not sure of it."""
    rng = scene.rng
    at = rng.randrange(3)
    shown = [str(v) for v in scene.values]
    place = rng.randrange(len(shown[at]))
    other = rng.choice([d for d in "0123456789" if d != shown[at][place] and not (place == 0 and d == "0")])
    shown[at] = shown[at][:place] + other + shown[at][place + 1 :]
    scene.notes.append(f"[{at}] {scene.values[at]} read as {shown[at]}")
    made = scene.letter([_table(scene, labels(rng), shown)])
    return replace(scene.specimen("scan: digit wrong", blocks=[], nothing=True), documents=(_read_by_ocr(scene, made, [shown[at]]),))


def decoys(scene: Scene) -> Specimen:
    """The word that says that a row is about something else has a letter wrong."""
    rng = scene.rng
    names = list(labels(rng))
    at = rng.randrange(3)
    word = rng.choice(
        (
            "chưa",
            "không",
            "dự kiến",
            "nữ",
            "tăng",
            "giảm",
            "đăng ký",
            "người thân",
            "còn lại",
            "phấn đấu",
            "chỉ tiêu",
            "kế hoạch",
            "học sinh",
        )
    )
    garbled = rng.choice((word, _slipped(scene, word, 1), _slipped(scene, word, 2)))
    head, _, tail = names[at].partition(" ")
    names[at] = rng.choice((f"{head} {garbled} {tail}", f"{names[at]} {garbled}", f"{garbled} {names[at]}"))
    scene.notes.append(names[at])
    typed = scene.letter([_table(scene, names, [grouped(v) for v in scene.values])])
    made = _read_by_ocr(scene, typed) if rng.random() < 0.6 else typed
    return replace(scene.specimen("scan: decoy", blocks=[], nothing=True), documents=(made,))


def typed(scene: Scene) -> Specimen:
    """One slip of the typist in one label: read rightly, or asked about."""
    rng = scene.rng
    names = list(labels(rng))
    at = rng.randrange(3)
    names[at] = _slipped(scene, names[at], 1)
    scene.notes.append(names[at])
    return scene.specimen("scan: typing slip", blocks=[_table(scene, names, [grouped(v) for v in scene.values])], clear=False)


FAMILIES: dict[str, Callable[[Scene], Specimen]] = {
    "scan: letters wrong": pages,
    "scan: digit wrong": digits,
    "scan: decoy": decoys,
    "scan: typing slip": typed,
}
