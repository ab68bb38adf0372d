# SPDX-License-Identifier: BSD-3-Clause
#
# anisograd_add_abi_tests(): CTest tests that the ABI is the recorded one (cmake/check_abi.py), and that the checker
# finds what it should; and a target that records it anew.

function(anisograd_add_abi_tests)
    set(checked --compiler=${CMAKE_C_COMPILER} --nm=${CMAKE_NM} --readelf=${CMAKE_READELF}
                --header=${PROJECT_SOURCE_DIR}/include/anisograd/anisograd.h
                --exports=${PROJECT_SOURCE_DIR}/cmake/exports.map --library=$<TARGET_FILE:anisograd>)
    set(record ${PROJECT_SOURCE_DIR}/cmake/anisograd.abi)
    set(checker ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/check_abi.py ${checked})
    add_test(NAME abi.record COMMAND ${checker} ${record})
    set(tests abi.record)
    if(NOT CMAKE_CROSSCOMPILING)
        add_test(NAME abi.self_test
                 COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/cmake/check_abi_self_test.py ${checked} ${record})
        list(APPEND tests abi.self_test)
    endif()
    set_tests_properties(${tests} PROPERTIES LABELS objects SKIP_RETURN_CODE 77)
    add_custom_target(record-abi COMMAND ${checker} --record ${record} DEPENDS anisograd VERBATIM)
endfunction()
