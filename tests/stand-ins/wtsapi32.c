/*
 * Stands in for the sessions of a terminal server in wtsapi32.dll. Wine has only stubs of them. The
 * layouts are those of MinGW-w64's wtsapi32.h. Older releases of that header lack some
 * declarations. Those are below, written after Microsoft's pages, independent of the tool's. Test
 * equipment: Windows has the real functions.
 *
 * WTSAPI32_SCRIPT selects the replies:
 *
 * A service is told of changes of sessions, of which Wine tells nobody: once it accepts them, those of
 * the file changes.txt beside the program, a line with reason and session id for each. What it
 * answers is written to answers.txt. The structure is that of MinGW-w64's winuser.h, and is there for as
 * long as the handler runs.
 *
 * Wine notifies no service of session changes, so the stand-in does. Once a service beside it
 * accepts them, the service gets the changes in the file changes.txt beside this DLL. Each line has
 * a reason and a session id. The stand-in writes the results of the service's handler to
 * answers.txt. The structure is that of MinGW-w64's winuser.h, and is valid only while the handler
 * runs.
 *
 * WTSAPI32_LOG names the log file. The log has a line for each buffer that is made or freed, and
 * for each use that the documentation of the functions forbids ("violation").
 */
#define _WIN32_WINNT 0x0601
#include <winsock2.h>
#define STAND_IN "WTSAPI32"
#include "stand-in.h"
#include "import.h"
#include <wtsapi32.h>

#define ERROR_NO_STATION 7022

/* A header that declares the functions defines their names without the W as macros. */
#ifndef WTSEnumerateSessionsEx
typedef struct {
    DWORD ExecEnvId;
    WTS_CONNECTSTATE_CLASS State;
    DWORD SessionId;
    LPWSTR pSessionName, pHostName, pUserName, pDomainName, pFarmName;
} WTS_SESSION_INFO_1W, *PWTS_SESSION_INFO_1W;
#endif

#ifndef WTSFreeMemoryEx
typedef enum { WTSTypeProcessInfoLevel0, WTSTypeProcessInfoLevel1, WTSTypeSessionInfoLevel1 } WTS_TYPE_CLASS;
#endif

/* The header has the values of SessionFlags if it has the structure with that field. */
#ifndef WTS_SESSIONSTATE_UNKNOWN
#define WTSSessionInfoEx 25
typedef struct {
    ULONG SessionId;
    WTS_CONNECTSTATE_CLASS SessionState;
    LONG SessionFlags;
    WCHAR WinStationName[33], UserName[21], DomainName[18];
    LARGE_INTEGER LogonTime, ConnectTime, DisconnectTime, LastInputTime, CurrentTime;
    DWORD IncomingBytes, OutgoingBytes, IncomingFrames, OutgoingFrames;
    DWORD IncomingCompressedBytes, OutgoingCompressedBytes;
} WTSINFOEX_LEVEL1_W;

typedef struct {
    DWORD Level;
    union { WTSINFOEX_LEVEL1_W WTSInfoExLevel1; } Data;
} WTSINFOEXW;
#endif

/* The header and the declarations above must have the same layout. */
_Static_assert(sizeof(WTS_SESSION_INFO_1W) == 56, "WTS_SESSION_INFO_1W");
_Static_assert(offsetof(WTS_SESSION_INFO_1W, pFarmName) == 48, "WTS_SESSION_INFO_1W.pFarmName");
_Static_assert(sizeof(WTSINFOEXW) == 232, "WTSINFOEXW");
_Static_assert(offsetof(WTSINFOEXW, Data.WTSInfoExLevel1.DomainName) == 128, "WTSINFOEXW.DomainName");
_Static_assert(offsetof(WTSINFOEXW, Data.WTSInfoExLevel1.LogonTime) == 168, "WTSINFOEXW.LogonTime");
_Static_assert(WTSTypeSessionInfoLevel1 == 2 && WTSSessionInfoEx == 25, "the classes of these structures");

struct session {
    DWORD id;
    WTS_CONNECTSTATE_CLASS state;
    const WCHAR *station, *user, *domain, *client;
    BYTE family, address[16];
    LONG flags;
    LONGLONG logon, disconnect, input;
};

/* 2026-03-01T08:00:00Z, and one minute, in units of 100 ns. */
#define MORNING 134168256000000000LL
#define MINUTE 600000000LL

static const struct session sessions[] = {
    {0, WTSDisconnected, L"Services", L"", L"", L"", 0, {0}, -1, 0, 0, 0},
    {1, WTSConnected, L"Console", NULL, NULL, NULL, 0, {0}, -1, 0, 0, 0},
    {2, WTSActive, L"RDP-Tcp#0", L"Zo\x00EB \x65E5\x672C \xD83D\xDE00", L"B\x00DCRO", L"\x041A\x041B-7", AF_INET,
        {192, 0, 2, 7}, 1, MORNING, 0, MORNING + 110 * MINUTE},
    {3, WTSDisconnected, L"", L"a.name.that.is.longer.than.twenty", L"A.DOMAIN.LONGER.THAN.17", L"\x1B[2J", 23,
        {0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}, 0, MORNING, MORNING + 90 * MINUTE, 0},
    {65536, WTSListen, L"RDP-Tcp", NULL, NULL, NULL, 0, {0}, -1, 0, 0, 0},
};

BOOL WINAPI WTSEnumerateSessionsExW(
    HANDLE server, DWORD *level, DWORD filter, PWTS_SESSION_INFO_1W *info, DWORD *count)
{
    const unsigned all = sizeof sessions / sizeof sessions[0];
    WTS_SESSION_INFO_1W *list;
    WCHAR *text;
    unsigned place;

    if (server || *level != 1 || filter)
        tell("violation: WTSEnumerateSessionsExW with other arguments");
    if (script_is("refused")) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    if (script_is("empty")) {
        *info = NULL;
        *count = 0;
        return TRUE;
    }
    /* The texts are part of the list's memory. */
    list = make(all * sizeof *list + all * 3 * 64 * sizeof(WCHAR), "list");
    text = (WCHAR *)(list + all);
    for (place = 0; place < all; place++) {
        const WCHAR *texts[] = {sessions[place].station, sessions[place].user, sessions[place].domain};
        LPWSTR *fields[] = {&list[place].pSessionName, &list[place].pUserName, &list[place].pDomainName};
        unsigned field;

        list[place].SessionId = sessions[place].id;
        list[place].State = sessions[place].state;
        for (field = 0; field < 3; field++, text += 64)
            *fields[field] = texts[field] ? wcscpy(text, texts[field]) : NULL;
    }
    *info = list;
    *count = all;
    return TRUE;
}

BOOL WINAPI WTSFreeMemoryExW(WTS_TYPE_CLASS class, void *start, ULONG count)
{
    if (class != WTSTypeSessionInfoLevel1 || (start && count != sizeof sessions / sizeof sessions[0]))
        tell("violation: WTSFreeMemoryExW with another class or count");
    if (start)
        release(start, "list");
    return TRUE;
}

static BOOL answer(const void *data, DWORD size, LPWSTR *start, DWORD *length)
{
    if (script_is("short"))
        size = size > 3 ? size - 3 : 0;
    *start = make(size, "answer");
    memcpy(*start, data, size);
    *length = size;
    return TRUE;
}

static BOOL answer_text(const WCHAR *text, LPWSTR *start, DWORD *length)
{
    if (!text) {
        *start = NULL;
        *length = 0;
        return TRUE;
    }
    return answer(text, (wcslen(text) + 1) * sizeof *text, start, length);
}

BOOL WINAPI WTSQuerySessionInformationW(HANDLE server, DWORD id, WTS_INFO_CLASS class, LPWSTR *start, DWORD *length)
{
    const struct session *session = sessions;
    const struct session *end = sessions + sizeof sessions / sizeof sessions[0];
    WTS_CLIENT_ADDRESS address = {0};
    WTSINFOEXW info = {0};
    WTSINFOEX_LEVEL1_W *level_1 = &info.Data.WTSInfoExLevel1;

    if (server)
        tell("violation: WTSQuerySessionInformationW for another machine");
    while (session < end && session->id != id)
        session++;
    if (script_is("refused") || session == end || session->state == WTSListen) {
        SetLastError(script_is("refused") ? ERROR_ACCESS_DENIED : ERROR_NO_STATION);
        return FALSE;
    }
    switch ((int)class) {
    case WTSUserName:
        return answer_text(session->user, start, length);
    case WTSDomainName:
        return answer_text(session->domain, start, length);
    case WTSClientName:
        return answer_text(session->client, start, length);
    case WTSClientAddress:
        address.AddressFamily = session->family;
        memcpy(address.Address + (session->family == AF_INET ? 2 : 0), session->address, 16);
        return answer(&address, sizeof address, start, length);
    case WTSSessionInfoEx:
        info.Level = 1;
        level_1->SessionId = id;
        level_1->SessionState = session->state;
        level_1->SessionFlags = session->flags;
        wcsncpy(level_1->WinStationName, session->station, 32);
        if (session->user)
            wcsncpy(level_1->UserName, session->user, 20);
        if (session->domain)
            wcsncpy(level_1->DomainName, session->domain, 17);
        level_1->LogonTime.QuadPart = session->logon;
        level_1->DisconnectTime.QuadPart = session->disconnect;
        level_1->LastInputTime.QuadPart = session->input;
        level_1->CurrentTime.QuadPart = MORNING + 120 * MINUTE;
        return answer(&info, sizeof info, start, length);
    default:
        SetLastError(ERROR_NOT_SUPPORTED);
        return FALSE;
    }
}

void WINAPI WTSFreeMemory(void *start)
{
    if (start)
        release(start, "answer");
}

/* The functions of advapi32.dll that make a program a service, replaced for the tool. */
static LPHANDLER_FUNCTION_EX handler;
static void *handler_context;

static SERVICE_STATUS_HANDLE WINAPI register_handler(LPCWSTR name, LPHANDLER_FUNCTION_EX function, LPVOID context)
{
    handler = function;
    handler_context = context;
    return RegisterServiceCtrlHandlerExW(name, function, context);
}

static FILE *open_beside(const WCHAR *name, const WCHAR *mode)
{
    WCHAR path[MAX_PATH] = {0};

    GetModuleFileNameW(NULL, path, MAX_PATH - 32);
    wcscpy(wcsrchr(path, L'\\') + 1, name);
    return _wfopen(path, mode);
}

static DWORD WINAPI tell_changes(void *unused)
{
    FILE *changes = open_beside(L"changes.txt", L"r"), *answers;
    unsigned reason, session;

    (void)unused;
    if (!changes || !(answers = open_beside(L"answers.txt", L"w")))
        return 0;
    while (fscanf(changes, "%u %u", &reason, &session) == 2) {
        WTSSESSION_NOTIFICATION *notification = make(sizeof *notification, "notification");

        notification->cbSize = sizeof *notification;
        notification->dwSessionId = session;
        fprintf(answers, "%lu\n", handler(SERVICE_CONTROL_SESSIONCHANGE, reason, notification, handler_context));
        release(notification, "notification");
    }
    fclose(answers);
    fclose(changes);
    return 0;
}

static BOOL WINAPI set_status(SERVICE_STATUS_HANDLE service, LPSERVICE_STATUS status)
{
    static LONG is_told;
    BOOL is_set = SetServiceStatus(service, status);

    if (status->dwCurrentState == SERVICE_RUNNING && (status->dwControlsAccepted & SERVICE_ACCEPT_SESSIONCHANGE)
            && !InterlockedExchange(&is_told, 1))
        CloseHandle(CreateThread(NULL, 0, tell_changes, NULL, 0, NULL));
    return is_set;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        replace_import("RegisterServiceCtrlHandlerExW", register_handler);
        replace_import("SetServiceStatus", set_status);
    }
    return TRUE;
}
