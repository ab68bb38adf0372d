# SPDX-License-Identifier: BSD-3-Clause
#
# anisograd_add_object_tests(): CTest tests of what the compiler made (cmake/check_objects.py), one per ISA, one
# for the objects of src/, one for the shared library, and one that the checker finds what it should.

find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(anisograd_add_object_tests)
    set(tools --nm=${CMAKE_NM} --objdump=${CMAKE_OBJDUMP} --readelf=${CMAKE_READELF})
    set(checker ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/check_objects.py ${tools})

    # What this build's options make the compiler call, and the library need.
    set(instrumentation "")
    set(runtime "")
    if(ANISOGRAD_SANITIZE)
        set(runtime "--allow-needed=lib[atu][a-z]*san[.]so.*")
        list(APPEND instrumentation "__[atul]?san_.*" "__ubsan_.*" "__sanitizer_.*" "_*asan_.*"
                                    "__(start|stop)_asan_globals")
    endif()
    if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${CMAKE_BUILD_TYPE}}" MATCHES "--coverage|-fprofile")
        list(APPEND instrumentation "__gcov_.*" "__llvm_prof.*")
    endif()
    list(JOIN instrumentation "|" instrumentation)
    # Hot loops matter where nothing is put into them; the ISA objects are optimised in every build type.
    set(hot_loops "")
    if(NOT instrumentation)
        set(hot_loops --hot-loops)
    endif()

    foreach(target ${ANISOGRAD_ISA_OBJECTS})
        string(REPLACE anisograd_isa_ "" name ${target})
        add_test(NAME objects.${name}
                 COMMAND ${checker} isa ${hot_loops} --allow=${instrumentation} ${name} $<TARGET_OBJECTS:${target}>
                 COMMAND_EXPAND_LISTS)
    endforeach()
    add_test(NAME objects.src COMMAND ${checker} baseline $<TARGET_OBJECTS:anisograd_objects> COMMAND_EXPAND_LISTS)
    add_test(NAME objects.library
             COMMAND ${checker} library --header=${PROJECT_SOURCE_DIR}/include/anisograd/anisograd.h
                     --exports=${PROJECT_SOURCE_DIR}/cmake/exports.map
                     $<$<BOOL:${ANISOGRAD_OPENMP}>:--openmp> ${runtime} $<TARGET_FILE:anisograd>
             COMMAND_EXPAND_LISTS)
    set(tests objects.src objects.library)
    foreach(target ${ANISOGRAD_ISA_OBJECTS})
        string(REPLACE anisograd_isa_ objects. test ${target})
        list(APPEND tests ${test})
    endforeach()
    if(NOT ANISOGRAD_FAMILY STREQUAL "other")
        add_test(NAME objects.self_test
                 COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/check_objects_self_test.py ${tools}
                         --compiler=${CMAKE_C_COMPILER} --family=${ANISOGRAD_FAMILY})
        list(APPEND tests objects.self_test)
    endif()
    set_tests_properties(${tests} PROPERTIES LABELS objects)
endfunction()
