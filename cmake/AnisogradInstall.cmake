# SPDX-License-Identifier: BSD-3-Clause
#
# cmake --install: headers, both libraries, the CMake package and the pkg-config file. All paths in them are
# relative, so that the installed tree can be moved. Every install rule of the project names one of the components
#
#     runtime      the shared library
#     development  all that is needed to compile and link with either library
#     tools        programs, with their man pages
#
# which cmake/AnisogradPackages.cmake makes packages of.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Two exports, since only the static library needs OpenMP and C++ on the side of its user.
install(TARGETS anisograd EXPORT anisogradTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS anisograd_static EXPORT anisogradStaticTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# What a static link needs beside the archive: the C++ runtime, libm, and OpenMP where the library uses it.
set(ANISOGRAD_STATIC_LIBRARIES "-lstdc++ -lm")
set(ANISOGRAD_FIND_OPENMP "")
if(ANISOGRAD_OPENMP)
    list(JOIN OpenMP_CXX_FLAGS " " _flags)
    string(PREPEND ANISOGRAD_STATIC_LIBRARIES "${_flags} ")
    set(ANISOGRAD_FIND_OPENMP "find_package(OpenMP QUIET COMPONENTS CXX)
    set(_anisograd_static \${OpenMP_CXX_FOUND})")
endif()

set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/anisograd)
install(EXPORT anisogradTargets NAMESPACE anisograd:: DESTINATION ${package_directory} COMPONENT development)
install(EXPORT anisogradStaticTargets NAMESPACE anisograd:: DESTINATION ${package_directory} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/anisogradConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/generated/anisogradConfig.cmake
                              INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/generated/anisogradConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/generated/anisogradConfig.cmake
              ${PROJECT_BINARY_DIR}/generated/anisogradConfigVersion.cmake
        DESTINATION ${package_directory} COMPONENT development)

file(RELATIVE_PATH ANISOGRAD_PREFIX_FROM_PC /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/anisograd.pc.in ${PROJECT_BINARY_DIR}/generated/anisograd.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/generated/anisograd.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)

function(anisograd_install_program target)
    # Compilers name libm and others whether they are used or not.
    target_link_options(${target} PRIVATE -Wl,--as-needed)
    install(TARGETS ${target} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endfunction()

# A man page such as selftest.1, compressed as Debian wants it.
function(anisograd_install_manual page)
    find_program(ANISOGRAD_GZIP gzip REQUIRED)
    cmake_path(GET page FILENAME name)
    cmake_path(GET page EXTENSION LAST_ONLY section)
    string(SUBSTRING ${section} 1 -1 section)
    set(compressed ${PROJECT_BINARY_DIR}/generated/${name}.gz)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
    execute_process(COMMAND ${ANISOGRAD_GZIP} --best --no-name --stdout ${page} OUTPUT_FILE ${compressed}
                    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} COMMAND_ERROR_IS_FATAL ANY)
    install(FILES ${compressed} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT tools)
endfunction()
