# SPDX-License-Identifier: BSD-3-Clause
#
# cmake --install: headers, both libraries, the CMake package and the pkg-config file. All paths in them are
# relative, so that the installed tree can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Two exports, since only the static library needs OpenMP and C++ on the side of its user.
install(TARGETS anisograd EXPORT anisogradTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS anisograd_static EXPORT anisogradStaticTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/anisograd)
install(EXPORT anisogradTargets NAMESPACE anisograd:: DESTINATION ${package_directory})
install(EXPORT anisogradStaticTargets NAMESPACE anisograd:: DESTINATION ${package_directory})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/anisogradConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/generated/anisogradConfig.cmake
                              INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/anisogradConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/anisogradConfig.cmake
              ${PROJECT_BINARY_DIR}/generated/anisogradConfigVersion.cmake
        DESTINATION ${package_directory})

# What a static link needs beside the archive: the C++ runtime, OpenMP, and libm.
list(JOIN OpenMP_CXX_FLAGS " " ANISOGRAD_OPENMP_FLAGS)
file(RELATIVE_PATH ANISOGRAD_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/anisograd.pc.in ${PROJECT_BINARY_DIR}/generated/anisograd.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/anisograd.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
