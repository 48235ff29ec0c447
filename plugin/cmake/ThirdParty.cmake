# SPDX-License-Identifier: MIT
# mapihttp::system    what the system itself has
# mapihttp::jansson   the system's own, or for Windows, which has none, made from its released sources: compiled
#                     as they come, with what their own build scripts would find out about mingw-w64 written down
# mapihttp::cmocka    the same; for the tests only
add_library(mapihttp_system INTERFACE)
add_library(mapihttp::system ALIAS mapihttp_system)

if(NOT WIN32)
    find_package(PkgConfig REQUIRED)
    find_package(Threads REQUIRED)
    target_link_libraries(mapihttp_system INTERFACE Threads::Threads)
    pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
    add_library(mapihttp::jansson ALIAS PkgConfig::JANSSON)
    if(MAPIHTTP_TESTS)
        pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
        add_library(mapihttp::cmocka ALIAS PkgConfig::CMOCKA)
    endif()
    return()
endif()

include(Sources)
target_link_libraries(mapihttp_system INTERFACE ntdll advapi32)

# mapihttp_third_party(NAME INCLUDE SOURCE...): a static library; what its sources are configured with is in
# third_party/NAME of the build.
function(mapihttp_third_party name include)
    add_library(${name} STATIC ${ARGN})
    add_library(mapihttp::${name} ALIAS ${name})
    target_include_directories(${name} SYSTEM PUBLIC ${include} PRIVATE ${PROJECT_BINARY_DIR}/third_party/${name})
    target_compile_options(${name} PRIVATE -w ${MAPIHTTP_SLIM} -fstack-protector-strong)
    target_compile_definitions(${name} PRIVATE HAVE_CONFIG_H _WIN32_WINNT=0x0601)
endfunction()

function(mapihttp_jansson)
    mapihttp_source(jansson jansson_2.14.orig.tar.gz
        c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b sources)
    foreach(has STDINT_H INT32_T UINT32_T UINT16_T UINT8_T SSIZE_T SYS_TYPES_H ATOMIC_BUILTINS SYNC_BUILTINS)
        set(HAVE_${has} 1)
    endforeach()
    set(USE_WINDOWS_CRYPTOAPI 0)
    set(JANSSON_INITIAL_HASHTABLE_ORDER 3)
    set(JSON_INLINE inline)
    set(JSON_INT_T "long long")
    set(JSON_STRTOINT _strtoi64)
    set(JSON_INTEGER_FORMAT "\"I64d\"")
    set(JSON_HAVE_LOCALECONV 0) # the locale is always "C"
    set(JSON_HAVE_ATOMIC_BUILTINS 1)
    set(JSON_HAVE_SYNC_BUILTINS 1)
    set(folder ${PROJECT_BINARY_DIR}/third_party)
    configure_file(${sources}/cmake/jansson_private_config.h.cmake ${folder}/jansson/jansson_private_config.h)
    configure_file(${sources}/cmake/jansson_config.h.cmake ${folder}/include/jansson_config.h)
    configure_file(${sources}/src/jansson.h ${folder}/include/jansson.h COPYONLY)
    set(names dump error hashtable hashtable_seed load memory pack_unpack strbuffer strconv utf value)
    list(TRANSFORM names PREPEND ${sources}/src/)
    list(TRANSFORM names APPEND .c)
    mapihttp_third_party(jansson ${folder}/include ${names})
    mapihttp_whole(jansson)
    # Numbers are read and written by msvcrt.dll, as it spells them: mingw-w64's own ways are large.
    target_compile_definitions(jansson PRIVATE __NO_ISOCEXT __USE_MINGW_ANSI_STDIO=0)
endfunction()

function(mapihttp_cmocka)
    mapihttp_source(cmocka cmocka_1.1.5.orig.tar.xz
        f0ccd8242d55e2fd74b16ba518359151f6f8383ff8aef4976e48393f77bba8b6 sources)
    foreach(has INTTYPES_H MALLOC_H SIGNAL_H STRINGS_H)
        set(HAVE_${has} 1)
    endforeach()
    configure_file(${sources}/config.h.cmake ${PROJECT_BINARY_DIR}/third_party/cmocka/config.h)
    mapihttp_third_party(cmocka ${sources}/include ${sources}/src/cmocka.c)
    target_compile_definitions(cmocka PRIVATE __USE_MINGW_ANSI_STDIO=1)
endfunction()

mapihttp_jansson()
if(MAPIHTTP_TESTS)
    mapihttp_cmocka()
endif()
