# SPDX-License-Identifier: BSD-3-Clause
"""A recipe for Conan 2, which builds the checkout that it lies in: conan create cmake/packaging/conan"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import stdcpp_library
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rm, rmdir

required_conan_version = ">=2.0"


class AnisogradRecipe(ConanFile):
    name = "anisograd"
    description = "AdaGrad steps, projections and logistic loss as SIMD kernels"
    license = "BSD-3-Clause"
    topics = ("adagrad", "optimization", "logistic-regression", "simd")
    package_type = "library"
    settings = "os", "compiler", "build_type", "arch"
    options = {"shared": [True, False], "openmp": [True, False]}
    default_options = {"shared": False, "openmp": True}

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._checkout, "include", "anisograd", "anisograd.h"))
        self.version = ".".join(re.findall(r"^#define AG_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.MULTILINE))

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "CHANGELOG.md", "LICENSE", "cmake/*", "include/*", "kernels/*", "src/*"):
            copy(self, pattern, src=self._checkout, dst=self.export_sources_folder, excludes="cmake/packaging/conan/*")

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration(f"{self.name} is for Linux")

    def requirements(self):
        self.requires("xsimd/[>=8.1.0]", visible=False)  # headers, for the build alone

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["ANISOGRAD_OPENMP"] = bool(self.options.openmp)
        toolchain.cache_variables["ANISOGRAD_BUILD_BENCHMARKS"] = "OFF"
        toolchain.cache_variables["ANISOGRAD_BUILD_CLI"] = "OFF"
        toolchain.cache_variables["BUILD_TESTING"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        # The build makes both libraries, and programs that use the shared one. Conan writes the files for CMake and
        # pkg-config itself.
        library_folder = os.path.join(self.package_folder, "lib")
        rm(self, "libanisograd.a" if self.options.shared else "libanisograd.so*", library_folder)
        for folder in ("bin", "share", os.path.join("lib", "cmake"), os.path.join("lib", "pkgconfig")):
            rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "anisograd")
        self.cpp_info.set_property("cmake_target_name", "anisograd::anisograd")
        self.cpp_info.set_property("pkg_config_name", "anisograd")
        self.cpp_info.libs = ["anisograd"]
        if self.options.shared:
            return
        self.cpp_info.set_property("cmake_target_aliases", ["anisograd::static"])
        self.cpp_info.system_libs = ["m", stdcpp_library(self)]
        if self.options.openmp:
            self.cpp_info.exelinkflags = ["-fopenmp"]
            self.cpp_info.sharedlinkflags = ["-fopenmp"]
