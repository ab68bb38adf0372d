# SPDX-License-Identifier: BSD-3-Clause
#
# Run by cpack when it has put each component's files into a folder: what the shared library and the programs need, by
# dpkg-shlibdeps. CPack's own call of that knows nothing of files for another architecture, and adds scripts that call
# ldconfig, where Debian has a trigger.

if(NOT CPACK_DEBIAN_PACKAGE_ARCHITECTURE)
    execute_process(COMMAND dpkg --print-architecture OUTPUT_VARIABLE CPACK_DEBIAN_PACKAGE_ARCHITECTURE
                    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
endif()

function(find_dependencies component)
    set(folder ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${component})
    set(prefix ${folder}${CPACK_PACKAGING_INSTALL_PREFIX})
    file(GLOB files ${prefix}/${CPACK_ANISOGRAD_LIBDIR}/*.so.*.*.* ${prefix}/bin/*)
    set(searched ${CPACK_ANISOGRAD_SYSTEM_LIBRARIES}
                 ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/runtime${CPACK_PACKAGING_INSTALL_PREFIX}/${CPACK_ANISOGRAD_LIBDIR})
    list(TRANSFORM searched PREPEND -l)
    set(work ${CPACK_TEMPORARY_DIRECTORY}/shlibdeps)
    file(WRITE ${work}/debian/control "")
    # Without information: this library, on whose version of the same build the programs depend anyway.
    execute_process(COMMAND ${CMAKE_COMMAND} -E env DEB_HOST_ARCH=${CPACK_DEBIAN_PACKAGE_ARCHITECTURE}
                            dpkg-shlibdeps --ignore-missing-info --warnings=0 ${searched} -O ${files}
                    WORKING_DIRECTORY ${work} OUTPUT_VARIABLE depends OUTPUT_STRIP_TRAILING_WHITESPACE
                    COMMAND_ERROR_IS_FATAL ANY)
    file(REMOVE_RECURSE ${work})
    string(REGEX REPLACE "^shlibs:Depends=" "" depends "${depends}")
    # The cross compiler's copies of the libraries stand for the packages themselves.
    string(REGEX REPLACE "-${CPACK_DEBIAN_PACKAGE_ARCHITECTURE}-cross|:${CPACK_DEBIAN_PACKAGE_ARCHITECTURE}" ""
                         depends "${depends}")
    string(TOUPPER ${component} component)
    set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS "${depends}" PARENT_SCOPE)
endfunction()

find_dependencies(runtime)
find_dependencies(tools)
