"""What a page needs that nobody serves: pictures within it, and nothing that asks a server.

For the handout and for the deck. It imports nothing of this package.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

# Of nbconvert. Not its embed_images, which ends a <details> where its first line of HTML ends.
EXPORT_OPTIONS = {
    "exclude_anchor_links": True,
    "exclude_input_prompt": True,
    "exclude_output_prompt": True,
    "language_code": "en",
}
_FETCHING = ("script", "link", "iframe", "object", "embed", "base", "video", "audio", "source")
_FROM_ELSEWHERE = re.compile(r"^\s*(?!data:)", re.IGNORECASE)


def embed_pictures(soup: BeautifulSoup, folder: Path) -> None:
    """Put pictures that lie in files of a folder into the page."""
    for image in soup.find_all("img", src=_FROM_ELSEWHERE):
        parts = urlsplit(str(image["src"]))
        file = folder / unquote(parts.path)
        kind, _ = mimetypes.guess_type(file.name)
        if not parts.scheme and not parts.netloc and kind and file.is_file():
            data = base64.b64encode(file.read_bytes()).decode("ascii")
            image["src"] = f"data:{kind};base64,{data}"


def cut_off(soup: BeautifulSoup) -> None:
    """Take out whatever would ask a server for something, or needs a script to be seen."""
    for element in soup.find_all(_FETCHING):
        element.decompose()
    for element in soup.find_all(src=_FROM_ELSEWHERE):
        element.replace_with(str(element.get("alt", "")))
    for element in soup.find_all(srcset=True):
        del element["srcset"]
