# SPDX-License-Identifier: BSD-3-Clause
#
# cpack: Debian packages of the components of AnisogradInstall.cmake. The presets "packages" build them.

find_program(ANISOGRAD_SHLIBDEPS dpkg-shlibdeps)
if(NOT ANISOGRAD_SHLIBDEPS)
    message(STATUS "Not preparing Debian packages: dpkg-shlibdeps (Debian: dpkg-dev) was not found")
    return()
endif()
find_program(ANISOGRAD_GZIP gzip REQUIRED)

set(_source ${CMAKE_CURRENT_LIST_DIR}/packaging/debian)
set(_generated ${PROJECT_BINARY_DIR}/generated/debian)
set(CPACK_PACKAGE_CONTACT "The anisograd developers <developers@anisograd.invalid>"
    CACHE STRING "Who answers for the packages: name and mail address")
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime development tools)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON) # on the same version exactly
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS runtime)
set(CPACK_COMPONENT_TOOLS_DEPENDS runtime)

set(CPACK_DEBIAN_PACKAGE_SOURCE anisograd)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
if(CMAKE_CROSSCOMPILING)
    # CPack would ask the machine that builds.
    set(_debian_architecture_x86_64 amd64)
    set(_debian_architecture_aarch64 arm64)
    set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${_debian_architecture_${ANISOGRAD_FAMILY}})
endif()

# Every description begins with its own synopsis.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(_about "Steps of AdaGrad, projections in its own metric, and logistic loss with its
gradient, for AVX-512, AVX2, NEON and other CPUs, chosen at run time, with the
same bits from every one of them and for any number of threads.")

get_target_property(_soversion anisograd SOVERSION)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libanisograd${_soversion})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
configure_file(${_source}/shlibs.in ${_generated}/shlibs @ONLY)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${_generated}/shlibs ${_source}/triggers)
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${PROJECT_DESCRIPTION}
${_about}

This package holds the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libanisograd-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "g++, pkg-config")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${PROJECT_DESCRIPTION} - development files
${_about}

This package holds the headers for C and C++, the static library, and what
CMake and pkg-config need to find both libraries.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME anisograd-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION math)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "${PROJECT_DESCRIPTION} - programs
${_about}

This package holds the programs: anisograd, which trains and evaluates
logistic models, and anisograd-selftest, which checks that the library gives
these bits on this machine.")

# For packaging/debian/dependencies.cmake.
set(CPACK_PRE_BUILD_SCRIPTS ${_source}/dependencies.cmake)
set(CPACK_ANISOGRAD_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(CPACK_ANISOGRAD_SYSTEM_LIBRARIES ${CMAKE_FIND_ROOT_PATH})
list(TRANSFORM CPACK_ANISOGRAD_SYSTEM_LIBRARIES APPEND /lib)

# Every package's licence and changes, which a plain cmake --install leaves out.
string(TIMESTAMP ANISOGRAD_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(${_source}/changelog.in ${_generated}/changelog.Debian @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${_generated}/changelog COPYONLY)
execute_process(COMMAND ${ANISOGRAD_GZIP} --best --no-name --force ${_generated}/changelog.Debian ${_generated}/changelog
                COMMAND_ERROR_IS_FATAL ANY)
foreach(component RUNTIME DEVELOPMENT TOOLS)
    string(TOLOWER ${component} _component)
    set(_destination share/doc/${CPACK_DEBIAN_${component}_PACKAGE_NAME})
    install(FILES ${_generated}/changelog.Debian.gz ${_generated}/changelog.gz DESTINATION ${_destination}
            COMPONENT ${_component} EXCLUDE_FROM_ALL)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${_destination} RENAME copyright
            COMPONENT ${_component} EXCLUDE_FROM_ALL)
endforeach()

include(CPack)
