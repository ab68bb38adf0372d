/* SPDX-License-Identifier: BSD-3-Clause
 * The functions of caller_mode.cpp: one for each of the library's, by the macro `entry` in entries.inc, which CMake makes
 * of cmake/exports.map. Whatever a function's arguments are, in registers and on the stack, they pass unchanged. The
 * return address is kept aside during the call. */

#if defined(__x86_64__)
    .macro entry name
    .globl \name
    .type \name, %function
\name:
    leaq \name\()_function(%rip), %r11
    jmp call_in_mode
    function \name
    .endm
#elif defined(__aarch64__)
    .macro entry name
    .globl \name
    .type \name, %function
\name:
    adrp x16, \name\()_function
    add x16, x16, :lo12:\name\()_function
    b call_in_mode
    function \name
    .endm
#endif

    /* struct Function, all of them one after another */
    .macro function name
    .size \name, . - \name
    .pushsection caller_mode_functions, "aw"
    .balign 8
\name\()_function:
    .quad \name\()_name, 0
    .popsection
    .pushsection .rodata
\name\()_name:
    .asciz "\name"
    .popsection
    .endm

    .text
call_in_mode:
#if defined(__x86_64__)
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %r8
    pushq %r9
    subq $24, %rsp
    movsd %xmm0, (%rsp) /* no function has more than two numbers as arguments */
    movsd %xmm1, 8(%rsp)
    movq %r11, %rdi
    movq 72(%rsp), %rsi
    call anisograd_test_enter@PLT
    movq %rax, %r11
    movsd (%rsp), %xmm0
    movsd 8(%rsp), %xmm1
    addq $24, %rsp
    popq %r9
    popq %r8
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    addq $8, %rsp /* the return address, in whose place the call puts another */
    call *%r11
    subq $8, %rsp
    pushq %rax
    call anisograd_test_leave@PLT
    movq %rax, 8(%rsp)
    popq %rax
    ret
#elif defined(__aarch64__)
    sub sp, sp, #80
    stp x0, x1, [sp]
    stp x2, x3, [sp, #16]
    stp x4, x5, [sp, #32]
    stp x6, x7, [sp, #48]
    stp d0, d1, [sp, #64]
    mov x0, x16
    mov x1, x30
    bl anisograd_test_enter
    mov x16, x0
    ldp x0, x1, [sp]
    ldp x2, x3, [sp, #16]
    ldp x4, x5, [sp, #32]
    ldp x6, x7, [sp, #48]
    ldp d0, d1, [sp, #64]
    add sp, sp, #80
    blr x16
    sub sp, sp, #16
    str x0, [sp]
    bl anisograd_test_leave
    mov x30, x0
    ldr x0, [sp]
    add sp, sp, #16
    ret
#endif

#include "entries.inc"

    .section .note.GNU-stack, "", %progbits
