# SPDX-License-Identifier: BSD-3-Clause
"""The package's version, which is the library's."""

__version__ = "0.1.0"
