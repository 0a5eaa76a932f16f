"""After any change to a notebook or a data file: bring into form, link, and write the tables.

python -m tools            # rewrite what is not up to date
python -m tools --check    # only tell
"""

import sys

from tools import normalise_notebooks, write_glossary, write_tables
from tools.keeping import main_of

if __name__ == "__main__":
    main = main_of(
        "Bring notebooks into form, link the glossary, write the tables.",
        normalise_notebooks.written,
        write_glossary.written,
        write_tables.written,
    )
    sys.exit(main(sys.argv[1:]))
