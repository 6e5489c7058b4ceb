"""What styles.xml of a Word file says about runs: their font (old Vietnamese fonts!) and whether they are hidden. No other style."""

from __future__ import annotations

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = W + "val"
_OFF = frozenset({"0", "false", "off", "none"})


def is_on(element: etree._Element | None) -> bool | None:
    """A toggle such as <w:vanish/>: True, False, or None where it is absent."""
    if element is None:
        return None
    return (element.get(_VAL) or "1").lower() not in _OFF


def font_of(properties: etree._Element | None) -> str | None:
    """The font of letters above ASCII named in run properties: that is where the old encodings have theirs."""
    if properties is None:
        return None
    fonts = properties.find(W + "rFonts")
    return None if fonts is None else (fonts.get(W + "hAnsi") or fonts.get(W + "ascii"))


class Styles:
    """Styles by id, each resolved along its basedOn chain once."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._default_paragraph: str | None = None
        self._default_font: str | None = None
        self._fonts: dict[str | None, str | None] = {None: None}
        self._hidden: dict[str | None, bool] = {None: False}
        if root is None:
            return
        for style in root.iterfind(W + "style"):
            name = style.get(W + "styleId")
            if name is None:
                continue
            self._elements[name] = style
            if style.get(W + "type") == "paragraph" and (style.get(W + "default") or "0").lower() not in _OFF:
                self._default_paragraph = name
        self._default_font = font_of(root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))

    def font(self, properties: etree._Element | None, paragraph_style: str | None) -> str | None:
        """The font of a run: its own, its character style's, its paragraph style's, the default's; in this order."""
        own = font_of(properties)
        if own:
            return own
        if properties is not None:
            named = properties.find(W + "rStyle")
            if named is not None and (font := self._style_font(named.get(_VAL))):
                return font
        return self._style_font(paragraph_style or self._default_paragraph) or self._default_font

    def hidden(self, properties: etree._Element | None, paragraph_style: str | None) -> bool:
        """Whether a run is hidden text, by itself or by its styles."""
        if properties is not None:
            own = is_on(properties.find(W + "vanish"))
            if own is not None:
                return own
            named = properties.find(W + "rStyle")
            if named is not None and self._style_hidden(named.get(_VAL)):
                return True
        return self._style_hidden(paragraph_style or self._default_paragraph)

    def _chain(self, name: str | None) -> list[etree._Element]:
        chain: list[etree._Element] = []
        seen: set[str] = set()
        while name is not None and name in self._elements and name not in seen:
            seen.add(name)
            style = self._elements[name]
            chain.append(style)
            based = style.find(W + "basedOn")
            name = None if based is None else based.get(_VAL)
        return chain

    def _style_font(self, name: str | None) -> str | None:
        if name not in self._fonts:
            self._fonts[name] = next((font for style in self._chain(name) if (font := font_of(style.find(W + "rPr")))), None)
        return self._fonts[name]

    def _style_hidden(self, name: str | None) -> bool:
        if name not in self._hidden:
            states = (is_on(style.find(f"{W}rPr/{W}vanish")) for style in self._chain(name))
            self._hidden[name] = next((state for state in states if state is not None), False)
        return self._hidden[name]
