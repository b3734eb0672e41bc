/*
 * Runs a program with a DLL in its process before its first instruction:
 *
 *   inject DLL PROGRAM [ARGUMENT]...
 *
 * For stand-ins of functions in DLLs that Wine always takes from its own folder. The program is the file
 * that is shipped.
 */
#include <stdio.h>
#include <windows.h>

/* Returns the command line without its first word. */
static WCHAR *skip_word(WCHAR *line)
{
    BOOL is_quoted = FALSE;

    for (; *line && (is_quoted || (*line != L' ' && *line != L'\t')); line++)
        if (*line == L'"')
            is_quoted = !is_quoted;
    return line + wcsspn(line, L" \t");
}

/* Loads the DLL in the process. Every process has kernel32.dll at the same address. */
static BOOL load(HANDLE process, const WCHAR *dll)
{
    SIZE_T size = (wcslen(dll) + 1) * sizeof *dll;
    void *path = VirtualAllocEx(process, NULL, size, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    DWORD module = 0;
    HANDLE thread;

    if (!path || !WriteProcessMemory(process, path, dll, size, NULL))
        return FALSE;
    thread = CreateRemoteThread(process, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)LoadLibraryW, path, 0, NULL);
    if (!thread)
        return FALSE;
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &module);
    CloseHandle(thread);
    return module != 0;
}

int wmain(int count, WCHAR **words)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    DWORD code = 1;

    if (count < 3) {
        fprintf(stderr, "usage: inject DLL PROGRAM [ARGUMENT]...\n");
        return 2;
    }
    if (!CreateProcessW(NULL, skip_word(skip_word(GetCommandLineW())), NULL, NULL, TRUE, CREATE_SUSPENDED, NULL,
            NULL, &startup, &process)) {
        fprintf(stderr, "inject: cannot start %ls: error %lu\n", words[2], GetLastError());
        return 1;
    }
    if (!load(process.hProcess, words[1])) {
        fprintf(stderr, "inject: cannot load %ls\n", words[1]);
        TerminateProcess(process.hProcess, 1);
        return 1;
    }
    ResumeThread(process.hThread);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return code;
}
