/*
 * The C library's type of offsets is a cast of a null pointer, which clang
 * takes for a value known only at run time; the compiler's own form is a
 * constant.
 */
#pragma once
#include_next <ntdef.h>
#undef FIELD_OFFSET
#define FIELD_OFFSET(Type, Field) ((LONG)__builtin_offsetof(Type, Field))
