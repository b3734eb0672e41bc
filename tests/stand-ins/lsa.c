/*
 * Stands in for the part of secur32.dll that Wine has only stubs of: the logon sessions of LSA. Test
 * equipment; Windows has the real one. The layout is that of MinGW-w64's ntsecapi.h. It is put into
 * System32 as secur32.dll.
 *
 * LSA_SCRIPT selects the replies:
 *
 *   not set     the logons of a terminal server
 *   "empty"     no logons
 *   "refused"   the enumeration fails
 *   "small"     the structures end before the time of the logon
 *
 * LSA_LOG names the log file. The log has a line for each buffer that is made or freed, and for
 * each use that the documentation forbids ("violation").
 */
#define _WIN32_WINNT 0x0601
#define STAND_IN "LSA"
#include "stand-in.h"
#include <ntsecapi.h>

#define STATUS_OF_SUCCESS ((NTSTATUS)0)
#define STATUS_OF_REFUSAL ((NTSTATUS)0xC0000022)
#define MORNING 134168256000000000LL
#define MINUTE 600000000LL

struct logon {
    LUID id;
    const WCHAR *user, *domain, *package;
    ULONG type, session;
    LONGLONG time;
    BOOL is_refused, has_sid;
};

static const struct logon logons[] = {
    {{0x3E7, 0}, L"HOST$", L"B\x00DCRO", L"Negotiate", 0, 0, MORNING - MINUTE, FALSE, TRUE},
    {{0x10000, 0}, NULL, NULL, NULL, 0, 0, 0, FALSE, FALSE},
    {{0x20000, 0}, L"DWM-2", L"Window Manager", L"Negotiate", 2, 2, MORNING, FALSE, TRUE},
    {{0x30000, 0}, L"hidden", L"B\x00DCRO", L"Negotiate", 2, 2, MORNING, TRUE, TRUE},
    /* Elevated, with a later logon time. */
    {{0xABCDEF02, 7}, L"zo\x00EB \x65E5\x672C \xD83D\xDE00", L"b\x00FCro", L"Kerberos", 10, 2, MORNING - 2, FALSE, TRUE},
    {{0xABCDEF01, 7}, L"zo\x00EB \x65E5\x672C \xD83D\xDE00", L"b\x00FCro", L"Kerberos", 10, 2, MORNING - 3, FALSE, TRUE},
    /* A network logon of the same name. */
    {{0x50000, 0}, L"a.name.that.is.longer.than.twenty", L"A.DOMAIN.LONGER.THAN.17", L"NTLM", 3, 3, MORNING, FALSE, TRUE},
};

NTSTATUS NTAPI LsaEnumerateLogonSessions(PULONG count, PLUID *list)
{
    const unsigned all = sizeof logons / sizeof logons[0];
    unsigned place;

    if (script_is("refused"))
        return STATUS_OF_REFUSAL;
    *count = 0;
    *list = NULL;
    if (script_is("empty"))
        return STATUS_OF_SUCCESS;
    *list = make(all * sizeof **list, "lsa");
    for (place = 0; place < all; place++)
        (*list)[place] = logons[place].id;
    *count = all;
    return STATUS_OF_SUCCESS;
}

/* The texts are not null-terminated, because those of LSA need not be. */
static WCHAR *put(LSA_UNICODE_STRING *string, WCHAR *room, const WCHAR *text)
{
    if (!text)
        return room;
    string->Length = string->MaximumLength = wcslen(text) * sizeof *text;
    string->Buffer = memcpy(room, text, string->Length);
    room += wcslen(text);
    *room = L'!';
    return room + 1;
}

NTSTATUS NTAPI LsaGetLogonSessionData(PLUID id, PSECURITY_LOGON_SESSION_DATA *out)
{
    static const SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
    const struct logon *logon = logons;
    const struct logon *end = logons + sizeof logons / sizeof logons[0];
    SECURITY_LOGON_SESSION_DATA *data;
    WCHAR *room;
    SID *sid;

    while (logon < end && memcmp(&logon->id, id, sizeof *id))
        logon++;
    if (logon == end) {
        tell("violation: LsaGetLogonSessionData of a logon that is not in the list");
        return STATUS_OF_REFUSAL;
    }
    *out = NULL;
    if (logon->is_refused)
        return STATUS_OF_REFUSAL;
    if (script_is("small")) {
        data = make(offsetof(SECURITY_LOGON_SESSION_DATA, LogonTime), "lsa");
        data->Size = offsetof(SECURITY_LOGON_SESSION_DATA, LogonTime);
        *out = data;
        return STATUS_OF_SUCCESS;
    }
    data = make(sizeof *data + 1024, "lsa");
    sid = (SID *)(data + 1);
    room = (WCHAR *)((BYTE *)sid + 64);
    data->Size = sizeof *data;
    data->LogonId = logon->id;
    room = put(&data->UserName, room, logon->user);
    room = put(&data->LogonDomain, room, logon->domain);
    room = put(&data->AuthenticationPackage, room, logon->package);
    data->LogonType = logon->type;
    data->Session = logon->session;
    data->LogonTime.QuadPart = logon->time;
    if (logon->has_sid) {
        sid->Revision = 1;
        sid->SubAuthorityCount = 5;
        sid->IdentifierAuthority = nt;
        sid->SubAuthority[0] = 21;
        (&sid->SubAuthority[0])[1] = 1;
        (&sid->SubAuthority[0])[2] = 2;
        (&sid->SubAuthority[0])[3] = 4294967295u;
        (&sid->SubAuthority[0])[4] = 1000 + logon->session;
        data->Sid = sid;
    }
    *out = data;
    return STATUS_OF_SUCCESS;
}

NTSTATUS NTAPI LsaFreeReturnBuffer(PVOID start)
{
    return release(start, "lsa") ? STATUS_OF_SUCCESS : STATUS_OF_REFUSAL;
}
