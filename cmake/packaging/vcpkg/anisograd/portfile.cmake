# SPDX-License-Identifier: BSD-3-Clause
#
# An overlay port, which builds the checkout that it lies in.

get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS FEATURES openmp ANISOGRAD_OPENMP)
vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        -DBUILD_TESTING=OFF
        -DANISOGRAD_BUILD_BENCHMARKS=OFF
        -DANISOGRAD_BUILD_CLI=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/anisograd)
vcpkg_fixup_pkgconfig()

# The build makes both libraries, of which the triplet names one.
if(VCPKG_LIBRARY_LINKAGE STREQUAL "static")
    set(left_out lib/libanisograd.so* debug/lib/libanisograd.so* share/anisograd/anisogradTargets*.cmake)
else()
    set(left_out lib/libanisograd.a debug/lib/libanisograd.a share/anisograd/anisogradStaticTargets*.cmake)
endif()
list(TRANSFORM left_out PREPEND "${CURRENT_PACKAGES_DIR}/")
file(GLOB left_out ${left_out})
file(REMOVE ${left_out})

# Nor the programs, which use the shared library.
foreach(folder IN ITEMS bin debug/bin debug/include debug/share share/man)
    file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/${folder}")
endforeach()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
