/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include <windows.h>
#include <ntsecapi.h>

/*
 * What the compiler's stack protector calls. Its own library asks the old CryptoAPI for a random number at
 * every start, which loads a dozen DLLs, those of windows and drawing among them.
 */

__attribute__((used)) uintptr_t __stack_chk_guard = 0x7A3C91E5u;

__attribute__((used)) void __stack_chk_fail(void);
__attribute__((used)) void __chk_fail(void);

__attribute__((constructor, no_stack_protector)) static void set_guard(void)
{
    uintptr_t guard = 0;
    if (RtlGenRandom(&guard, sizeof(guard)))
        __stack_chk_guard = guard & ~(uintptr_t)0xFF; /* a string that runs over ends before it */
}

/* Nothing that a broken stack holds may be trusted, so nothing is told. */
__attribute__((noreturn)) static void end_now(void)
{
    TerminateProcess(GetCurrentProcess(), (UINT)STATUS_STACK_BUFFER_OVERRUN);
    abort();
}

void __stack_chk_fail(void)
{
    end_now();
}

void __chk_fail(void)
{
    end_now();
}
