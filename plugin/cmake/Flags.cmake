# SPDX-License-Identifier: MIT
# mapihttp_flags(TARGET): the warnings (as errors), the hardening and the sanitizers that every target has.
function(mapihttp_flags target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wstrict-prototypes
        -Wmissing-prototypes -Wformat=2 -Wundef -Wvla -fstack-protector-strong)
    # _FORTIFY_SOURCE works in optimised code only, and hides bugs from the sanitizers.
    if(MAPIHTTP_SANITIZE)
        target_compile_options(${target} PRIVATE
            -fsanitize=${MAPIHTTP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${MAPIHTTP_SANITIZE})
    else()
        target_compile_options(${target} PRIVATE
            $<$<CONFIG:Release,RelWithDebInfo>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
    endif()
    if(MAPIHTTP_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    target_link_options(${target} PRIVATE LINKER:-z,relro,-z,now,-z,noexecstack)
endfunction()
