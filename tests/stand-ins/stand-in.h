/*
 * The common part of the stand-ins: a script that selects their replies, a log of their calls, and
 * buffers that detect every misuse. Each stand-in is a DLL of one file. It defines STAND_IN, the
 * prefix of its environment variables, and includes this header.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define STAND_IN_WIDE_(name) L##name
#define STAND_IN_WIDE(name) STAND_IN_WIDE_(name)

/* Writes a line to the file that STAND_IN_LOG names. */
static inline void tell(const char *format, ...)
{
    const WCHAR *path = _wgetenv(STAND_IN_WIDE(STAND_IN) L"_LOG");
    FILE *file = path ? _wfopen(path, L"ab") : NULL;
    va_list arguments;

    if (!file)
        return;
    va_start(arguments, format);
    vfprintf(file, format, arguments);
    va_end(arguments);
    fputc('\n', file);
    fclose(file);
}

/* True if STAND_IN_SCRIPT has this value. */
static inline BOOL script_is(const char *name)
{
    const char *script = getenv(STAND_IN "_SCRIPT");

    return script && !strcmp(script, name);
}

#define MOST_BUFFERS 4096
#define PAGE 4096

static struct buffer {
    BYTE *start, *region;
    const char *kind;
    BOOL is_freed;
} buffers[MOST_BUFFERS];
static unsigned buffer_count;
static SRWLOCK buffers_lock = SRWLOCK_INIT;

/*
 * Makes a buffer of zeros that ends where memory without access begins, up to the padding that
 * aligns its start to 8 bytes. A read behind its end, or after it was freed, ends the process.
 */
static inline void *make(SIZE_T size, const char *kind)
{
    SIZE_T aligned = (size + 7) & ~(SIZE_T)7;
    SIZE_T whole = (aligned + PAGE - 1) / PAGE * PAGE;
    BYTE *region = VirtualAlloc(NULL, whole + PAGE, MEM_RESERVE, PAGE_NOACCESS);
    struct buffer *buffer;

    AcquireSRWLockExclusive(&buffers_lock);
    if (!region || buffer_count == MOST_BUFFERS || (whole && !VirtualAlloc(region, whole, MEM_COMMIT, PAGE_READWRITE))) {
        tell("violation: too many buffers");
        abort();
    }
    buffer = &buffers[buffer_count];
    buffer->region = region;
    buffer->start = region + whole - aligned;
    buffer->kind = kind;
    /* The padding is not zero, so that a read behind the end shows. */
    memset(buffer->start + size, 0xDD, aligned - size);
    tell("made %u", buffer_count++);
    ReleaseSRWLockExclusive(&buffers_lock);
    return buffer->start;
}

/* Frees a buffer of this kind. Returns FALSE for any other pointer. */
static inline BOOL release(const void *start, const char *kind)
{
    BOOL is_released = FALSE;
    unsigned place;

    AcquireSRWLockExclusive(&buffers_lock);
    for (place = 0; place < buffer_count && buffers[place].start != start; place++)
        ;
    if (place == buffer_count)
        tell("violation: a pointer that is not a buffer is freed");
    else if (buffers[place].is_freed)
        tell("violation: buffer %u is freed twice", place);
    else if (strcmp(buffers[place].kind, kind))
        tell("violation: buffer %u is freed with the wrong function", place);
    else {
        buffers[place].is_freed = is_released = TRUE;
        /* The system never uses the addresses again. */
        VirtualFree(buffers[place].region, 0, MEM_DECOMMIT);
        tell("freed %u", place);
    }
    ReleaseSRWLockExclusive(&buffers_lock);
    return is_released;
}
