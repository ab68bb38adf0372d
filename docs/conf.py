# SPDX-License-Identifier: BSD-3-Clause
"""The documentation's site; scripts/docs builds it."""
import os
import re

with open("../include/anisograd/anisograd.h", encoding="utf-8") as header:
    version = ".".join(re.findall(r"^#define AG_VERSION_\w+ (\d+)$", header.read(), re.M))
project, author, release = "anisograd", "the anisograd developers", version
project_copyright = "2026, the anisograd developers"

extensions = ["myst_parser", "breathe"]
myst_heading_anchors = 3
exclude_patterns = ["site"]
nitpicky = False

breathe_projects = {"anisograd": os.environ["ANISOGRAD_DOXYGEN_XML"]}
breathe_default_project = "anisograd"
breathe_domain_by_extension = {"h": "c"}
c_id_attributes = ["AG_API"]

html_theme = "furo"
html_title = f"anisograd {version}"
html_static_path = ["site/static"]
html_css_files = ["anisograd.css"]
