"""Bytes that were decoded with the wrong code page: UTF-8 shown as Latin-1/1252/1258, and windows-1258 shown as 1252. Also charset guesses.

Refuses to guess: a text is repaired only where the bytes say so themselves (UTF-8 proves itself; syllables are `legacy.py`'s matter).
"""

from __future__ import annotations

import re


def _reverse(codec: str) -> dict[str, int]:
    table = {chr(byte): byte for byte in range(0x80, 0x100)}  # undefined positions are shown as C1 controls or Latin-1
    for byte in range(0x80, 0x100):
        char = bytes([byte]).decode(codec, "replace")
        if char != "\ufffd":
            table[char] = byte
    return table


_REVERSED = tuple(_reverse(codec) for codec in ("cp1252", "cp1258"))
_ALPHABET = "".join(re.escape(char) for char in sorted({char for table in _REVERSED for char in table}))
_RUN = re.compile(f"[{_ALPHABET}]{{2,}}")
_VIETNAMESE = re.compile(
    r"[\u00c0-\u00ff\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u0300-\u0323\u1ea0-\u1ef9]"
)
_VIETNAMESE_ONLY = re.compile(r"[\u1ea0-\u1ef9]")


def _decode_run(run: str) -> str | None:
    """The UTF-8 text behind a run of wrong characters, None where it is not UTF-8."""
    for table in _REVERSED:
        try:
            return bytes(table[char] for char in run).decode("utf-8")
        except (KeyError, UnicodeDecodeError):
            continue
    return None


def repair(text: str) -> str:
    """Each run of wrong characters that is UTF-8 in disguise, decoded; the rest untouched."""
    return _RUN.sub(lambda found: _decode_run(found[0]) or found[0], text)


def is_mojibake(text: str) -> bool:
    """Most runs of two and more characters above ASCII are UTF-8 in disguise, and they give Vietnamese letters.

    Real text in any Latin script fails this: two such letters in a row are rare there, and rarer still valid UTF-8. One letter that
    only Vietnamese has (three bytes) is proof enough; of the others there must be three.
    """
    runs = _RUN.findall(text)
    decoded = [result for result in map(_decode_run, runs) if result is not None and _VIETNAMESE.search(result)]
    if len(decoded) < 0.8 * len(runs):
        return False
    return len(decoded) >= 3 or any(_VIETNAMESE_ONLY.search(result) for result in decoded)


def read_as_cp1258(text: str) -> str:
    """Text whose windows-1258 bytes were shown as windows-1252 or Latin-1, read as what they are."""
    shown = _REVERSED[0]
    return "".join(bytes([shown[char]]).decode("cp1258", "replace") if char in shown else char for char in text)


def decode(data: bytes, declared: str | None = None) -> str:
    """Bytes of unknown charset as text: byte-order mark, UTF-8, UTF-16 without a mark, the declared charset, windows-1252.

    The last keeps every byte as one character, so that `legacy.detect` can tell windows-1258, TCVN3 and VNI by their syllables.
    Never raises.
    """
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(codec, "replace")
    if b"\x00" in data[:2000] and len(data) > 3:
        odd, even = data[1:2000:2].count(0), data[:2000:2].count(0)
        return data.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
    for believed in ("utf-8", _worth_believing(declared)):
        if believed is None:
            continue
        try:
            return data.decode(believed)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return _lossless(data)


def _worth_believing(declared: str | None) -> str | None:
    """The declared charset, unless it is a single-byte Western one: that is what a program writes that knows nothing."""
    if declared is None or declared.lower().replace("_", "-") in {
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin-1",
        "latin1",
        "windows-1252",
        "cp1252",
    }:
        return None
    return declared


def _lossless(data: bytes) -> str:
    """windows-1252 with its five undefined bytes kept as C1 controls (as browsers do)."""
    return "".join(bytes([byte]).decode("cp1252") if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte) for byte in data)
