# SPDX-License-Identifier: BSD-3-Clause
#
# GTest::gtest and GTest::gtest_main: the installed library, or one built from the sources that Debian's package
# googletest installs. The latter also where the installed one does not fit: when cross-compiling, and under
# sanitizers, which want all code instrumented.

if(NOT CMAKE_CROSSCOMPILING AND NOT ANISOGRAD_SANITIZE)
    find_package(GTest QUIET)
endif()

if(NOT TARGET GTest::gtest)
    find_path(ANISOGRAD_GOOGLETEST_SOURCE googletest/src/gtest-all.cc PATHS /usr/src/googletest
              NO_CMAKE_FIND_ROOT_PATH)
    if(NOT ANISOGRAD_GOOGLETEST_SOURCE)
        message(FATAL_ERROR "The tests need GoogleTest (Debian: libgtest-dev), or -DBUILD_TESTING=OFF")
    endif()
    set(INSTALL_GTEST OFF)
    set(BUILD_GMOCK OFF)
    add_subdirectory(${ANISOGRAD_GOOGLETEST_SOURCE} ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
    target_link_libraries(gtest PUBLIC anisograd_sanitizers)
    if(NOT TARGET GTest::gtest)
        add_library(GTest::gtest ALIAS gtest)
        add_library(GTest::gtest_main ALIAS gtest_main)
    endif()
endif()
