/*
 * Declares the compiler intrinsics that inline functions of the kernel headers
 * call. The headers of MinGW and clang define them for user mode, and include a
 * C library with them. The kernel headers need only the declarations.
 */
#pragma once

unsigned __int64 __readcr8(void);
void __writecr8(unsigned __int64);
unsigned short __readgsword(unsigned long);
unsigned __int64 __readgsqword(unsigned long);
unsigned __int64 __umulh(unsigned __int64, unsigned __int64);

void __stosb(unsigned char *, unsigned char, size_t);
void __stosq(unsigned __int64 *, unsigned __int64, size_t);
void __movsb(unsigned char *, unsigned char const *, size_t);
void __movsw(unsigned short *, unsigned short const *, size_t);
void __movsd(unsigned long *, unsigned long const *, size_t);

unsigned char __inbyte(unsigned short);
unsigned short __inword(unsigned short);
unsigned long __indword(unsigned short);
void __inbytestring(unsigned short, unsigned char *, unsigned long);
void __inwordstring(unsigned short, unsigned short *, unsigned long);
void __indwordstring(unsigned short, unsigned long *, unsigned long);
void __outbyte(unsigned short, unsigned char);
void __outword(unsigned short, unsigned short);
void __outdword(unsigned short, unsigned long);
void __outbytestring(unsigned short, unsigned char *, unsigned long);
void __outwordstring(unsigned short, unsigned short *, unsigned long);
void __outdwordstring(unsigned short, unsigned long *, unsigned long);
