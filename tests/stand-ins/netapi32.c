/*
 * Stands in for the sessions of an SMB server in netapi32.dll. Wine has only stubs of them. The
 * layout of the structures is that of MinGW-w64's lmshare.h, independent of the tool's. Test
 * equipment: Windows has the real functions.
 *
 * NETAPI32_SCRIPT says what each call returns, one answer after the other, the last one again and
 * again: STATUS[b][r]:SESSION,SESSION... with the numbers of sessions below. A session with a plus sign
 * grows older as time passes. Behind status 234 (ERROR_MORE_DATA) another page follows; status 0 and
 * 234 come with a buffer where there are sessions in it, and any status does with a `b`. With an `r`, the
 * resume handle stays the one that was asked for.
 *
 * NETAPI32_LOG names the log file. The log has a line for each call, for each buffer that is made
 * or freed, and for each use that the documentation of the functions forbids ("violation").
 */
#define STAND_IN "NETAPI32"
#include "stand-in.h"
#include <lm.h>

struct session {
    const WCHAR *cname, *username;
    DWORD num_opens, time, idle_time, user_flags;
    const WCHAR *cltype_name, *transport;
};

static const WCHAR lone_surrogate[] = {0xD800, 'x', 0};
static WCHAR longest_name[257];

static const struct session sessions[] = {
    {L"10.0.0.7", L"chris", 3, 3661, 60, 0, L"", L"\\Device\\NetbiosSmb"},
    {L"\\\\[fe80::1]", L"", 0, 0, 0, 0, L"", L""},
    {NULL, NULL, MAXDWORD, MAXDWORD, MAXDWORD, MAXDWORD, NULL, NULL},
    {L"\x041A\x041B\x0418\x0415\x041D\x0422-7", L"Zo\x00EB \x65E5\x672C \xD83D\xDE00", 1, 2, 3, SESS_GUEST,
        L"DOS LM 2.0", L"\\Device\\NetBT_Tcpip_{00000000-0000-0000-0000-000000000000}"},
    {lone_surrogate, L"service", 4, 5, 6, SESS_NOENCRYPTION, L"OS/2 LM 1.0", L"tcp"},
    {L"PC \"5\", ground floor", L"eve", 7, 8, 9, SESS_GUEST | SESS_NOENCRYPTION, L"Down-Level", L"tcp"},
    {longest_name, L"chris", 10, 11, 12, 0x80000004, NULL, L"tcp"},
};

static unsigned call_count;
static DWORD expected_resume;
static BOOL is_stuck;
static ULONGLONG first_call;
static CRITICAL_SECTION lock;

static const char *utf8(const WCHAR *text, char *room, int size)
{
    if (!text)
        return "-";
    return WideCharToMultiByte(CP_UTF8, 0, text, -1, room, size, NULL, NULL) ? room : "?";
}

static void tell_call(const char *function, const WCHAR *server, const WCHAR *client, const WCHAR *user, DWORD level)
{
    char rooms[3][2048];

    tell("%s server=%s client=%s user=%s level=%lu", function, utf8(server, rooms[0], sizeof rooms[0]),
        utf8(client, rooms[1], sizeof rooms[1]), utf8(user, rooms[2], sizeof rooms[2]), level);
    if (server && wcsncmp(server, L"\\\\", 2))
        tell("violation: a server without backslashes");
    if (client && (wcsncmp(client, L"\\\\", 2) || wcschr(client + 2, L'\\')))
        tell("violation: a client's name must begin with two backslashes and have no others");
    if (user && wcschr(user, L'\\'))
        tell("violation: a user's name with a backslash");
}

static WCHAR *put_text(BYTE **place, const WCHAR *text)
{
    WCHAR *copy = (WCHAR *)*place;

    if (!text)
        return NULL;
    wcscpy(copy, text);
    *place += (wcslen(text) + 1) * sizeof(WCHAR);
    return copy;
}

static SIZE_T text_size(const WCHAR *text)
{
    return text ? (wcslen(text) + 1) * sizeof(WCHAR) : 0;
}

/* The fields that all levels have, under their names. The levels differ in the later fields. */
#define FILL(info, prefix) do { \
        (info)->prefix##_cname = put_text(&texts, found->cname); \
        (info)->prefix##_username = put_text(&texts, found->username); \
        (info)->prefix##_num_opens = found->num_opens; \
        (info)->prefix##_time = found->time + (ages[index] ? age : 0); \
        (info)->prefix##_idle_time = found->idle_time; \
        (info)->prefix##_user_flags = found->user_flags; \
    } while (0)

/* Returns the structures of a level, followed by their texts. */
static BYTE *fill(DWORD level, const unsigned *numbers, const BOOL *ages, DWORD count)
{
    DWORD age = (DWORD)((GetTickCount64() - first_call + 500) / 1000);
    SIZE_T one = level == 1 ? sizeof(SESSION_INFO_1) : level == 2 ? sizeof(SESSION_INFO_2) : sizeof(SESSION_INFO_502);
    SIZE_T size = one * count;
    BYTE *data, *texts;
    DWORD index;

    for (index = 0; index < count; index++) {
        const struct session *found = &sessions[numbers[index]];
        size += text_size(found->cname) + text_size(found->username);
        size += level >= 2 ? text_size(found->cltype_name) : 0;
        size += level == 502 ? text_size(found->transport) : 0;
    }
    data = make(size, "net");
    texts = data + one * count;
    for (index = 0; index < count; index++) {
        const struct session *found = &sessions[numbers[index]];
        if (level == 1) {
            SESSION_INFO_1 *info = (SESSION_INFO_1 *)data + index;
            FILL(info, sesi1);
        } else if (level == 2) {
            SESSION_INFO_2 *info = (SESSION_INFO_2 *)data + index;
            FILL(info, sesi2);
            info->sesi2_cltype_name = put_text(&texts, found->cltype_name);
        } else {
            SESSION_INFO_502 *info = (SESSION_INFO_502 *)data + index;
            FILL(info, sesi502);
            info->sesi502_cltype_name = put_text(&texts, found->cltype_name);
            info->sesi502_transport = put_text(&texts, found->transport);
        }
    }
    return data;
}

/* The next reply of the script. */
static DWORD answer(DWORD level, BYTE **buffer, DWORD *count)
{
    const WCHAR *script = _wgetenv(L"NETAPI32_SCRIPT"), *at = script ? script : L"120:";
    unsigned numbers[64], place;
    BOOL ages[64], has_buffer = FALSE;
    DWORD status;

    for (place = 0; place < call_count && wcschr(at, L' '); place++)
        at = wcschr(at, L' ') + 1;
    if (call_count++ == 0)
        first_call = GetTickCount64();
    status = wcstoul(at, (WCHAR **)&at, 10);
    if (*at == L'b') {
        has_buffer = TRUE;
        at++;
    }
    is_stuck = *at == L'r';
    at += is_stuck;
    *count = 0;
    for (at++; *at >= L'0' && *at <= L'9' && *count < 64; at += *at == L',') {
        numbers[*count] = wcstoul(at, (WCHAR **)&at, 10) % ARRAYSIZE(sessions);
        ages[*count] = *at == L'+';
        at += ages[(*count)++];
    }
    *buffer = has_buffer || *count ? fill(level, numbers, ages, *count) : NULL;
    return status;
}

NET_API_STATUS WINAPI NetSessionEnum(LMSTR server, LMSTR client, LMSTR user, DWORD level, LPBYTE *buffer,
    DWORD preferred, LPDWORD read, LPDWORD total, LPDWORD resume)
{
    DWORD status;

    EnterCriticalSection(&lock);
    tell_call("NetSessionEnum", server, client, user, level);
    if (level != 1 && level != 2 && level != 502) {
        tell("violation: level %lu", level);
        LeaveCriticalSection(&lock);
        return ERROR_INVALID_LEVEL;
    }
    if (preferred != MAX_PREFERRED_LENGTH)
        tell("violation: a limit of %lu bytes may cut the list", preferred);
    if (!buffer || !read || !total || !resume) {
        tell("violation: a result pointer is null");
        LeaveCriticalSection(&lock);
        return ERROR_INVALID_PARAMETER;
    }
    if (*resume != expected_resume)
        tell("violation: resume handle %lu, not %lu", *resume, expected_resume);
    status = answer(level, buffer, read);
    *total = *read;
    /* Any handle is one, also a small one after a large one. */
    if (!is_stuck)
        *resume = status == ERROR_MORE_DATA ? 0x9E3779B9 * call_count : 0;
    expected_resume = *resume;
    LeaveCriticalSection(&lock);
    return status;
}

NET_API_STATUS WINAPI NetSessionGetInfo(LMSTR server, LMSTR client, LMSTR user, DWORD level, LPBYTE *buffer)
{
    DWORD status, read;

    EnterCriticalSection(&lock);
    tell_call("NetSessionGetInfo", server, client, user, level);
    if (!client || !user)
        tell("violation: client and user are required");
    if (level != 1 && level != 2) {
        tell("violation: level %lu", level);
        LeaveCriticalSection(&lock);
        return ERROR_INVALID_LEVEL;
    }
    status = answer(level, buffer, &read);
    LeaveCriticalSection(&lock);
    return status;
}

NET_API_STATUS WINAPI NetApiBufferFree(LPVOID data)
{
    release(data, "net");
    return NERR_Success;
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    unsigned place;

    (void)module;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        InitializeCriticalSection(&lock);
        for (place = 0; place < ARRAYSIZE(longest_name) - 1; place++)
            longest_name[place] = L'N';
    }
    return TRUE;
}
