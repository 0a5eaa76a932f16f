"""Write the glossary, and link the first use of each of its terms in every notebook.

    python -m tools.write_glossary            # rewrite notebooks/glossary.md and the notebooks
    python -m tools.write_glossary --check    # only tell what is not up to date

The terms are in hybrid_demo/teaching/glossary.toml. Links that stood elsewhere are
taken back first, so that it may be run again after any change. Only running prose
is linked: no heading, code, table, option of a vote, or folded answer.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from hybrid_demo.teaching.data import REFERENCE, Term, glossary
from tools.keeping import main_of
from tools.normalise_notebooks import NOTEBOOKS, normalised, paths_of

PAGE = NOTEBOOKS / "glossary.md"
HEAD = """# Glossary

The words of the lecture, as these notebooks use them. Where you meet one for the first time in a
notebook, it leads here.

[Contents](00-start-here.ipynb)
"""
LINKED = re.compile(r"\[([^\]]+)\]\((?:\.\./)?glossary\.md(?:#[^)]*)?\)")
# What is not prose, or is a link already; the longest comes first.
APART = re.compile(
    r"<details.*?</details>|```.*?```|^[#|].*?$|^- \*\*[A-Z]\*\* .*?$|^Previous: .*?$"
    r"|!?\[[^\]]*\]\([^)]*\)|<!--.*?-->|<[^>\n]+>|`[^`\n]+`",
    re.DOTALL | re.MULTILINE,
)


def page() -> str:
    """Return the glossary as Markdown."""
    terms = glossary()

    def link(found: re.Match[str]) -> str:
        return f"[{found[1]}](#{terms[found[1]].anchor})"

    parts = [HEAD]
    parts += [f"## {t.name}\n\n{REFERENCE.sub(link, t.means)}\n" for t in terms.values()]
    return "\n".join(parts)


def linked(notebook: NotebookNode, *, above: str = "") -> NotebookNode:
    """Link the first use of each term, in place, and return the notebook.

    Args:
        notebook: the notebook; links to the glossary in it are made anew.
        above: the way from its folder to the glossary's, ``"../"``.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    for cell in cells:
        cell.source = LINKED.sub(r"\1", cell.source)
    for term in glossary().values():
        target = f"{above}glossary.md#{term.anchor}"
        for cell in cells:
            found = first_use(cell.source, term)
            if found:
                begin, end = found.span()
                text = cell.source
                cell.source = f"{text[:begin]}[{found[0]}]({target}){text[end:]}"
                break
    return notebook


def first_use(source: str, term: Term) -> re.Match[str] | None:
    """Return where a term is first used in a text's prose; None where it is not."""
    apart = [found.span() for found in APART.finditer(source)]
    for found in _pattern(term).finditer(source):
        covering = [span for span in apart if span[0] < found.end() and found.start() < span[1]]
        # A piece of code may itself be the term, and then it is all of that piece.
        if not covering or covering == [found.span()]:
            return found
    return None


def _pattern(term: Term) -> re.Pattern[str]:
    forms = [
        re.escape(form) if form.startswith("`") else rf"(?<![\w-]){re.escape(form)}s?(?![\w-])"
        for form in sorted(term.forms, key=len, reverse=True)
    ]
    return re.compile("|".join(forms), 0 if term.name.isupper() else re.IGNORECASE)


def written() -> Iterator[tuple[Path, str]]:
    """Yield each file with what should stand in it."""
    yield PAGE, page()
    for path in paths_of([NOTEBOOKS]):
        above = "../" * (len(path.relative_to(NOTEBOOKS).parts) - 1)
        # In form first: a test that asks for this may meet a notebook that is not yet.
        form = normalised(path.read_text(encoding="utf-8"))
        notebook = linked(nbformat.reads(form, as_version=4), above=above)
        yield path, normalised(nbformat.writes(notebook))


main = main_of("Write the glossary and the links to it.", written)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
