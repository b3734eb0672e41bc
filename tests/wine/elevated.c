/*
 * Runs a program as an elevated prompt ("Run as administrator") does:
 *
 *   elevated PROGRAM [ARGUMENT]...
 *
 * Wine 10 starts a program from outside with a limited token. It elevates the token if the
 * program's manifest asks for that, and a child inherits its parent's token (observed in Wine 10.0;
 * Wine 8 has no limited tokens). The manifest in elevated.rc asks. So the programs under test need
 * no such manifest: they are the shipped files.
 */
#include <stdio.h>
#include <windows.h>

#define MOST_ATTEMPTS 20

/* Returns the command line without this program's name. */
static WCHAR *skip_name(WCHAR *line)
{
    BOOL is_quoted = FALSE;

    for (; *line && (is_quoted || (*line != L' ' && *line != L'\t')); line++)
        if (*line == L'"')
            is_quoted = !is_quoted;
    return line + wcsspn(line, L" \t");
}

/* Wine sometimes fails to start a process with an internal error, as in tests/src/program.rs. */
static BOOL start(WCHAR *line, STARTUPINFOW *startup, PROCESS_INFORMATION *process)
{
    int attempt;

    for (attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
        if (CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, startup, process))
            return TRUE;
        if (GetLastError() != ERROR_INTERNAL_ERROR)
            return FALSE;
        Sleep(100);
    }
    return FALSE;
}

/* Ctrl-C goes to the program, which decides to end or to continue. */
static BOOL WINAPI ignore(DWORD event)
{
    (void)event;
    return TRUE;
}

static int fail(const char *step, const WCHAR *line)
{
    fprintf(stderr, "elevated: cannot %s `%ls`: error %lu\n", step, line, GetLastError());
    return 1;
}

int main(void)
{
    /* The program ends with this one, even if this one is killed. Its children may outlive it. */
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation.LimitFlags =
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK,
    };
    STARTUPINFOW startup = {
        .cb = sizeof startup,
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
        .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
        .hStdError = GetStdHandle(STD_ERROR_HANDLE),
    };
    PROCESS_INFORMATION process;
    WCHAR *line = skip_name(GetCommandLineW());
    HANDLE job = CreateJobObjectW(NULL, NULL);
    DWORD code;

    if (!job || !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        return fail("make a job for", line);
    SetConsoleCtrlHandler(ignore, TRUE);
    if (!start(line, &startup, &process))
        return fail("start", line);
    if (!AssignProcessToJobObject(job, process.hProcess)) {
        int result = fail("put into a job", line);

        TerminateProcess(process.hProcess, 1);
        return result;
    }
    ResumeThread(process.hThread);
    WaitForSingleObject(process.hProcess, INFINITE);
    if (!GetExitCodeProcess(process.hProcess, &code))
        return fail("wait for", line);
    return (int)code;
}
