"""How the documentation is built: `make docs`, or `sphinx-build -W -n docs docs/_build/html`."""

from __future__ import annotations

import sys
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import revmatch

project = "revmatch"
author = "revmatch contributors"
copyright = "revmatch contributors"
version = release = revmatch.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
]
exclude_patterns = ["_build", "generated/.*"]
# Nothing is fetched while building: no intersphinx, no web fonts, no pictures from elsewhere.
html_theme = "furo"
html_title = "revmatch"
html_show_sourcelink = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["custom.css"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# The reference is generated: one page for each name that docs/reference.md lists.
autosummary_generate = True
autosummary_generate_overwrite = True
autodoc_typehints = "none"  # numpydoc states types and shapes in words
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
python_use_unqualified_type_names = True
templates_path = ["_templates"]


def setup(app: Sphinx) -> None:
    """Let blocks of CSV be shown as they are: Pygments knows no such language."""
    app.add_lexer("csv", TextLexer)
