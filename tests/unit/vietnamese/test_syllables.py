"""The grammar of syllables knows Vietnamese from everything else."""

import pytest

from mailbox_ingest.vietnamese.syllables import count_marked, is_syllable, share_valid


@pytest.mark.parametrize(
    "word", ["đoàn", "người", "Quảng", "nghiệp", "thuyền", "quý", "giếng", "gì", "HUYỆN", "hoà", "hòa", "yêu", "khuỷu", "cao"]
)
def test_real_syllables_are_valid(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["strength", "được̀", "bàc", "§oàn", "été", "ngờiờ", "Krông"])
def test_what_cannot_be_said_is_not(word):
    assert not is_syllable(word)


def test_abbreviations_and_single_letters_say_nothing():
    assert count_marked("LĐLĐ ở ý ĐVCĐ") == (0, 0)


def test_junk_from_a_bad_scan_scores_far_below_a_letter():
    letter = share_valid("Liên đoàn lao động huyện báo cáo kết quả")
    junk = share_valid("Licn doin lrao dgng huyjn bao cdo kct qui")
    assert letter is not None and junk is not None
    assert letter > 0.95
    assert junk < 0.6


def test_a_text_without_words_has_no_share():
    assert share_valid("12 345 %") is None
