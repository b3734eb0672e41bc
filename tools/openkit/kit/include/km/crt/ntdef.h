/*
 * The C library's `offsetof` casts a null pointer, and clang does not treat the
 * result as a constant. The compiler's built-in form is a constant.
 */
#pragma once
#include_next <ntdef.h>
#undef FIELD_OFFSET
#define FIELD_OFFSET(Type, Field) ((LONG)__builtin_offsetof(Type, Field))
