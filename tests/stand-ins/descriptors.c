/*
 * Stands in for the security descriptors of files. Wine makes them of the mode and the owner that a file
 * has outside, so the owner is always an ordinary user. Test equipment; Windows has real ones.
 *
 * It is injected into the tool (tests/wine/inject.c) and takes the place of GetFileSecurityW.
 *
 * DESCRIPTORS_OF_ALL is the descriptor of every file, as SDDL. DESCRIPTORS_SCRIPT gives some other ones, as
 * PATH|SDDL with a line break between. The SDDL "denied" stands for a file that may not be looked at.
 *
 * DESCRIPTORS_LOG names the file that is told of each path once it is answered, and of everything that the
 * documentation does not allow ("violation").
 */
#define STAND_IN "DESCRIPTORS"
#include "stand-in.h"
#include "import.h"
#include <sddl.h>

#define LONGEST 1024

/* Copies the SDDL for a path. */
static void sddl_of(const WCHAR *path, WCHAR *sddl)
{
    const WCHAR *line = _wgetenv(L"DESCRIPTORS_SCRIPT"), *all = _wgetenv(L"DESCRIPTORS_OF_ALL");
    size_t length = wcslen(path);

    for (; line && *line; line += wcscspn(line, L"\n"), line += *line == L'\n')
        if (!_wcsnicmp(line, path, length) && line[length] == L'|') {
            line += length + 1;
            length = wcscspn(line, L"\n");
            wcsncpy(sddl, line, length)[length] = 0;
            return;
        }
    wcscpy(sddl, all ? all : L"");
}

static BOOL WINAPI get_file_security(
    LPCWSTR path, SECURITY_INFORMATION wanted, PSECURITY_DESCRIPTOR answer, DWORD size, LPDWORD needed)
{
    PSECURITY_DESCRIPTOR descriptor;
    WCHAR sddl[LONGEST];
    ULONG length;

    if (wanted != (OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION) || !needed)
        tell("violation: GetFileSecurityW is asked for something else");
    sddl_of(path, sddl);
    if (!wcscmp(sddl, L"denied")) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(sddl, SDDL_REVISION_1, &descriptor, &length)) {
        tell("violation: no SDDL for %ls: %ls", path, sddl);
        return FALSE;
    }
    *needed = length;
    if (size < length) {
        LocalFree(descriptor);
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(answer, descriptor, length);
    LocalFree(descriptor);
    tell("%ls", path);
    return TRUE;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        replace_import("GetFileSecurityW", get_file_security);
    return TRUE;
}
