# SPDX-License-Identifier: BSD-3-Clause
"""Builds a wheel that carries the shared library, which no compiler is needed to use.

The library is built by CMake from the source tree that this folder is in, with what the environment variable CMAKE_ARGS
adds; or it is the file that the environment variable ANISOGRAD_LIBRARY names.
"""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # of before setuptools 70.1
    from wheel.bdist_wheel import bdist_wheel

PROJECT = Path(__file__).resolve().parents[2]


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        package = Path(self.build_lib) / "anisograd"
        shutil.copy(self.library(), package / "libanisograd.so")
        shutil.copy(PROJECT / "LICENSE", package)

    def library(self):
        given = os.environ.get("ANISOGRAD_LIBRARY")
        if given:
            return given
        build = Path(self.get_finalized_command("build").build_temp).resolve()
        options = ["-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF", "-DANISOGRAD_BUILD_CLI=OFF",
                   "-DANISOGRAD_BUILD_BENCHMARKS=OFF", "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON"]
        subprocess.run(["cmake", "-S", PROJECT, "-B", build, *options,
                        *shlex.split(os.environ.get("CMAKE_ARGS", ""))], check=True)
        subprocess.run(["cmake", "--build", build, "--target", "anisograd", "--parallel"], check=True)
        return build / "libanisograd.so"


class NativeDistribution(Distribution):
    """One with files for one platform, although there is no extension module."""

    def has_ext_modules(self):
        return True


class PlatformWheel(bdist_wheel):
    """For any Python 3 of that platform."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


setup(distclass=NativeDistribution, cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
