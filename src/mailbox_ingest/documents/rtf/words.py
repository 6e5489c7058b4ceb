"""RTF's vocabulary: which control words are letters, breaks or text beside the text, and which groups hold no text at all."""

from __future__ import annotations

CODEPAGES = {0: "cp1252", 77: "mac_roman", 128: "cp932", 134: "cp936", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255"}
CODEPAGES |= {178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437"}
LETTERS = {"tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“"}
LETTERS |= {"rdblquote": "”", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": "\n"}
SYMBOLS = {"~": "\u00a0", "_": "-", "{": "{", "}": "}", "\\": "\\"}
BREAKS = frozenset(["par", "sect", "page", "column", "\n", "\r"])
_NO_TEXT = """
    pict object objdata info stylesheet colortbl listtable listoverridetable revtbl rsidtbl generator themedata colorschememapping xmlnstbl
    latentstyles datastore filetbl fldinst pntext pntxta pntxtb listtext pnseclvl sp shprslt nonshppict nonesttables bkmkstart bkmkend
    atnid atnauthor atntime atnref atndate atnparent atnicn xe tc txe rxe upr template falt panose do private1 defchp defpap mmathPr
    wgrffmtfilter ffname ffdeftext ffformat ffhelptext ffstattext ffentrymcr ffexitmcr formfield datafield picprop blipuid
"""
_BESIDE_TEXT = """
    header headerl headerr headerf footer footerl footerr footerf footnote annotation ftnsep ftnsepc aftnsep aftnsepc
"""
SKIPPED, MARGINAL = frozenset(_NO_TEXT.split()), frozenset(_BESIDE_TEXT.split())
KEPT_STARRED = frozenset(["shpinst", "shptxt", "fldrslt", "nesttableprops", "annotation", "footnote", "ud", "result"])
