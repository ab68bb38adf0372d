# SPDX-License-Identifier: BSD-3-Clause
"""Each module: `blocks(context)` computes what is missing, draws, and returns the document's blocks by their names."""
