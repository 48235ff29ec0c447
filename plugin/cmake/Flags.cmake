# SPDX-License-Identifier: MIT
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)

# Where the C library does not know level 3, it says so, which -Werror makes an error.
set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
check_c_source_compiles("#include <string.h>
int main(void) { return (int)strlen(\"\"); }" MAPIHTTP_FORTIFY_3)
unset(CMAKE_REQUIRED_FLAGS)
set(MAPIHTTP_FORTIFY 2)
if(MAPIHTTP_FORTIFY_3)
    set(MAPIHTTP_FORTIFY 3)
endif()

# What not every compiler and machine has. On Windows the stack is probed page by page anyway, and the linker cannot
# mark the program as one that keeps to its control flow.
set(MAPIHTTP_HARDENING)
if(NOT WIN32)
    foreach(flag stack-clash-protection cf-protection=full)
        string(MAKE_C_IDENTIFIER "MAPIHTTP_HAS_${flag}" has)
        check_c_compiler_flag(-f${flag} ${has})
        if(${has})
            list(APPEND MAPIHTTP_HARDENING -f${flag})
        endif()
    endforeach()
endif()

# mapihttp_flags(TARGET): the warnings (as errors), the hardening and the sanitizers that every target has.
function(mapihttp_flags target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wstrict-prototypes
        -Wmissing-prototypes -Wformat=2 -Wundef -Wvla -Wpointer-arith -Wold-style-definition
        -Wmissing-declarations -Wdate-time -fstack-protector-strong ${MAPIHTTP_HARDENING}
        # What clang does not know.
        "$<$<C_COMPILER_ID:GNU>:-Wlogical-op;-Wduplicated-cond;-Wduplicated-branches;-Wformat-signedness>"
        "$<$<C_COMPILER_ID:GNU>:-Wjump-misses-init;-Wshift-overflow=2;-Wimplicit-fallthrough=5;-Wtrampolines>")
    # _FORTIFY_SOURCE works in optimised code only, and hides bugs from the sanitizers.
    if(MAPIHTTP_SANITIZE)
        target_compile_options(${target} PRIVATE
            -fsanitize=${MAPIHTTP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${MAPIHTTP_SANITIZE})
    else()
        target_compile_options(${target} PRIVATE
            $<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=${MAPIHTTP_FORTIFY}>)
    endif()
    if(MAPIHTTP_COVERAGE)
        # A program that is killed loses its counts, and so does a count that two threads raise at once.
        target_compile_options(${target} PRIVATE -O0 --coverage -fprofile-update=atomic -fprofile-abs-path)
        target_link_options(${target} PRIVATE --coverage)
    endif()
    if(MAPIHTTP_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    if(WIN32)
        mapihttp_windows_flags(${target})
    else()
        target_link_options(${target} PRIVATE LINKER:-z,relro,-z,now,-z,noexecstack)
    endif()
endfunction()

# Without what nothing uses. 64-bit Windows needs the tables that tell how to unwind the stack; 32-bit C code does
# not, and keeps its stack aligned as Windows does.
set(MAPIHTTP_SLIM -ffunction-sections -fdata-sections)
if(WIN32 AND CMAKE_SIZEOF_VOID_P EQUAL 4)
    list(APPEND MAPIHTTP_SLIM -fno-asynchronous-unwind-tables -mpreferred-stack-boundary=2)
endif()

# Windows 7 SP1 (6.1) and later, nothing but Windows' own DLLs, the same bytes from the same sources. What the
# loader is asked for by --dynamicbase is made true by the relocations, which ld writes with it.
function(mapihttp_windows_flags target)
    target_compile_definitions(${target} PRIVATE
        _WIN32_WINNT=0x0601 WINVER=0x0601 UNICODE _UNICODE __USE_MINGW_ANSI_STDIO=1)
    target_compile_options(${target} PRIVATE ${MAPIHTTP_SLIM})
    target_link_options(${target} PRIVATE -static -static-libgcc -s -fstack-protector-strong
        LINKER:--gc-sections,--dynamicbase,--nxcompat,--tsaware,--no-insert-timestamp
        LINKER:--subsystem,console:6.1,--major-os-version,6,--minor-os-version,1)
    if(CMAKE_SIZEOF_VOID_P EQUAL 8)
        target_link_options(${target} PRIVATE LINKER:--high-entropy-va)
    else()
        target_link_options(${target} PRIVATE LINKER:--large-address-aware)
    endif()
endfunction()

# mapihttp_whole(TARGET): the Windows program is optimised as a whole, which makes it a fifth smaller. Its objects
# hold plain code too, of which the tests are linked: that takes a tenth of the time.
function(mapihttp_whole target)
    if(WIN32)
        target_compile_options(${target} PRIVATE -flto=auto -ffat-lto-objects)
        get_target_property(type ${target} TYPE)
        if(type STREQUAL EXECUTABLE)
            target_link_options(${target} PRIVATE -flto=auto -flto-partition=one)
        endif()
    endif()
endfunction()
