"""Outlook messages and winmail.dat give their body and their files like any other message."""

import struct

import pytest

from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.mail_quotes import own_html, own_text
from mailbox_ingest.documents.rtf.compressed import decompress
from mailbox_ingest.errors import DocumentError

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound_file(streams):
    """An OLE2 file (MS-CFB, version 3) with its streams below the root or one storage deep; each stream is padded past 4096 bytes."""
    entries = [{"name": "Root Entry", "kind": 5, "children": [], "start": END, "size": 0}]
    sectors = []

    def add(parent, name, kind, data=b""):
        number = len(entries)
        entries.append({"name": name, "kind": kind, "children": [], "start": END, "size": len(data)})
        entries[parent]["children"].append(number)
        if data:
            entries[number]["start"] = len(sectors)
            sectors.append([data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)])
            entries[number]["start"] = sum(map(len, sectors[:-1]))
        return number

    storages = {}
    for path, data in streams.items():
        folder, _, name = path.rpartition("/")
        parent = 0
        if folder:
            parent = storages.get(folder) or storages.setdefault(folder, add(0, folder, 1))
        add(parent, name, 2, data.ljust(4096, b"\0"))
    directory = b""
    siblings = {left: right for entry in entries for left, right in zip(entry["children"], entry["children"][1:], strict=False)}
    for number, entry in enumerate(entries):
        name = entry["name"].encode("utf-16-le") + b"\0\0"
        child = entry["children"][0] if entry["children"] else FREE
        directory += name.ljust(64, b"\0") + struct.pack("<HBBIII", len(name), entry["kind"], 1, FREE, siblings.get(number, FREE), child)
        directory += bytes(36) + struct.pack("<IQ", entry["start"], entry["size"])
    directory += bytes(-len(directory) % SECTOR)
    body = [sector for run in sectors for sector in run]
    table, position = [], 0
    for run in sectors:
        table += [*range(position + 1, position + len(run)), END]
        position += len(run)
    directory_start, directory_sectors = len(body), len(directory) // SECTOR
    table += [*range(directory_start + 1, directory_start + directory_sectors), END]
    fat_start = len(table)
    fat_sectors = 1 + (len(table) + 8) * 4 // SECTOR
    table += [FAT] * fat_sectors
    fat = b"".join(struct.pack("<I", value) for value in table).ljust(fat_sectors * SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, fat_sectors, directory_start, 0, 4096, END, 0, END, 0)
    head += b"".join(struct.pack("<I", fat_start + n) for n in range(fat_sectors)).ljust(436, b"\xff")
    return head + b"".join(body) + directory + fat


def tnef(files):
    """winmail.dat with attachments (MS-OXTNEF): title and data of each."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for name, data in files.items():
        for number, content in ((0x00069002, bytes(14)), (0x00018010, name.encode("ascii") + b"\0"), (0x0006800F, data)):
            out += struct.pack("<BII", 2, number, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
    return out


def test_an_outlook_message_gives_its_body_and_its_files(attach, limits, texts):
    data = compound_file(
        {
            "__properties_version1.0": b"x",
            "__substg1.0_1000001F": "Tổng số: 12".encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": "BC tuần 34.txt".encode("utf-16-le"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": "Đã cài: 7".encode() + b" " * 4100,
        }
    )
    documents, failures = read_attachment(attach(data, "thư.msg"), limits=limits)
    assert [(document.path, texts(document)) for document in documents] == [
        ("thư.msg/thân thư", ["Tổng số: 12"]),
        ("thư.msg/BC tuần 34.txt", ["Đã cài: 7"]),
    ]
    assert failures == ()


def test_winmail_dat_gives_its_files(attach, limits, texts):
    data = tnef({"a.txt": "Tổng số: 12".encode(), "b.txt": "Đã cài: 7".encode()})
    documents, failures = read_attachment(attach(data, "winmail.dat"), limits=limits)
    assert [(document.path, texts(document)) for document in documents] == [
        ("winmail.dat/a.txt", ["Tổng số: 12"]),
        ("winmail.dat/b.txt", ["Đã cài: 7"]),
    ]
    assert failures == ()


# MS-OXRTFCP §4.1.1 and §4.1.2: the specification's own examples.
HELLO = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")
CROSSING = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def stored_rtf(text):
    content = "".join(c if c.isascii() else f"\\u{ord(c)}?" for c in text).encode()
    content = b"{\\rtf1\\ansi " + content.replace(b"\n", b"\\par ") + b"}"
    return struct.pack("<4I", len(content) + 12, len(content), 0x414C454D, 0) + content


def test_compressed_rtf_is_unpacked_as_its_specification_says():
    assert decompress(HELLO) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompress(HELLO + bytes(3)) == decompress(HELLO), "padding is not text"
    assert decompress(CROSSING) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


@pytest.mark.parametrize("data", [b"", HELLO[:10], HELLO[:8] + b"????" + HELLO[12:], HELLO[:30] + b"9" + HELLO[31:]])
def test_damaged_compressed_rtf_is_unreadable(data):
    with pytest.raises(DocumentError) as caught:
        decompress(data)
    assert caught.value.code == "unreadable"


def test_an_outlook_message_with_an_rtf_body_only_gives_that_body_without_history(attach, limits, texts):
    body = stored_rtf("Tổng số: 12\n-----Original Message-----\nFrom: x\nTổng số: 99")
    data = compound_file({"__properties_version1.0": b"x", "__substg1.0_10090102": body})
    documents, failures = read_attachment(attach(data, "thư.msg"), limits=limits)
    assert [(document.path, texts(document)) for document in documents] == [("thư.msg/thân thư", ["Tổng số: 12"])]
    assert failures == ()


def test_winmail_dat_with_an_rtf_body_only_gives_that_body(attach, limits, texts):
    body = stored_rtf("Tổng số: 12")
    properties = struct.pack("<IHHII", 1, 0x0102, 0x1009, 1, len(body)) + body + bytes(-len(body) % 4)
    data = tnef({}) + struct.pack("<BII", 1, 0x00069003, len(properties)) + properties + struct.pack("<H", sum(properties) & 0xFFFF)
    documents, failures = read_attachment(attach(data, "winmail.dat"), limits=limits)
    assert [(document.path, texts(document)) for document in documents] == [("winmail.dat/thân thư", ["Tổng số: 12"])]
    assert failures == ()


@pytest.mark.parametrize(
    "text",
    [
        "Tổng số: 12\n\nVào Th 5, 20 thg 8, 2020 lúc 16:05 A đã viết:\n> Tổng số: 99",
        "Tổng số: 12\n-----Original Message-----\nFrom: x\nTổng số: 99",
        "Tổng số: 12\nTừ: A\nĐã gửi: 20/8\nTới: B\nTổng số: 99",
        "> Tổng số: 99\nTổng số: 12",
    ],
)
def test_history_is_cut_off(text):
    assert own_text(text).strip() == "Tổng số: 12"


def test_a_pure_forward_keeps_its_text():
    text = "---------- Forwarded message ---------\nTừ: A\nTổng số: 12"
    assert own_text(text) == text


def test_history_in_html_is_cut_off_and_a_pure_forward_is_kept():
    assert own_html('<p>Tổng số: 12</p><div class="gmail_quote"><p>Tổng số: 99</p></div>') == "<p>Tổng số: 12</p>"
    forward = '<html><body><div class="gmail_quote"><p>Tổng số: 12</p></div></body></html>'
    assert own_html(forward) == forward


def test_an_attachment_that_never_began_is_damage_and_nothing_else(attach, limits):
    content = b"a.txt\0"
    orphan = struct.pack("<BII", 2, 0x00018010, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
    _, failures = read_attachment(attach(struct.pack("<IH", 0x223E9F78, 1) + orphan, "winmail.dat"), limits=limits)
    assert [failure.code for failure in failures] == ["unreadable"]
