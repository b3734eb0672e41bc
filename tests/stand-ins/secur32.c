/*
 * Stands in for one attribute of Schannel that Wine's secur32.dll lacks: SECPKG_ATTR_SESSION_INFO.
 * All other calls go to Wine's own DLL, so the connections are real. The layout of the structure is
 * that of MinGW-w64's schannel.h, independent of the tool's. Test equipment: Windows has the real
 * attribute.
 *
 * SECUR32_SESSIONS lists the replies, one for each context, in the order in which the contexts are
 * made. Commas separate the replies. A reply has the form FLAGS/SIZE/BYTE in hexadecimal digits:
 * dwFlags, cbSessionId, and the value of all 32 bytes of rgbSessionId. A context without a reply of
 * its own gets Wine's.
 *
 * SECUR32_LOG names the log file. The log has a line for each forbidden use ("violation"). At the
 * end it gets the numbers of credentials, contexts and buffers that were made and freed. The
 * stand-in checks only the functions below, and passes the tool's other calls through.
 */
#define STAND_IN "SECUR32"
#include "stand-in.h"
#define SECURITY_WIN32
/* Declares the functions as defined here, not as imported. */
#define _NO_KSECDD_IMPORT_
#include <security.h>
#include <schannel.h>

#define MOST_CONTEXTS 64

static HMODULE real;

static struct { CtxtHandle handle; BOOL is_deleted; } contexts[MOST_CONTEXTS];
static unsigned context_count, contexts_deleted;
static unsigned credentials_acquired, credentials_freed;
static unsigned buffers_made, buffers_freed;

/* The index of a context that was made and not deleted; -1 if there is none. */
static int place_of(const CtxtHandle *handle)
{
    unsigned place;

    for (place = 0; handle && place < context_count; place++)
        if (!contexts[place].is_deleted && contexts[place].handle.dwLower == handle->dwLower
                && contexts[place].handle.dwUpper == handle->dwUpper)
            return place;
    tell("violation: an unknown context");
    return -1;
}

/* Reads the entry of SECUR32_SESSIONS with this index. */
static BOOL session_of(int place, SecPkgContext_SessionInfo *info)
{
    const char *text = getenv("SECUR32_SESSIONS");
    unsigned flags, size, byte;

    while (text && place-- > 0)
        if ((text = strchr(text, ',')))
            text++;
    if (!text || sscanf(text, "%x/%x/%x", &flags, &size, &byte) != 3)
        return FALSE;
    info->dwFlags = flags;
    info->cbSessionId = size;
    memset(info->rgbSessionId, byte, sizeof info->rgbSessionId);
    return TRUE;
}

#define EXPORT(name) \
    __asm__(".section .drectve,\"yn\"\n\t.ascii \" -export:" #name "\"\n\t.text");

EXPORT(AcquireCredentialsHandleW)
EXPORT(ApplyControlToken)
EXPORT(DecryptMessage)
EXPORT(DeleteSecurityContext)
EXPORT(FreeContextBuffer)
EXPORT(FreeCredentialsHandle)
EXPORT(InitializeSecurityContextW)
EXPORT(QueryContextAttributesW)

/* Calls the function of Wine's DLL. */
#define REAL(name) ((__typeof__(&name))(void *)GetProcAddress(real, #name))

SECURITY_STATUS SEC_ENTRY AcquireCredentialsHandleW(SEC_WCHAR *principal, SEC_WCHAR *package,
    unsigned long use, void *logon, void *data, SEC_GET_KEY_FN key, void *argument,
    PCredHandle handle, PTimeStamp expiry)
{
    SECURITY_STATUS status = REAL(AcquireCredentialsHandleW)(
        principal, package, use, logon, data, key, argument, handle, expiry);

    if (status == SEC_E_OK)
        credentials_acquired++;
    return status;
}

SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle handle)
{
    if (contexts_deleted != context_count)
        tell("violation: credentials freed before their contexts");
    credentials_freed++;
    return REAL(FreeCredentialsHandle)(handle);
}

SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(PCredHandle credentials, PCtxtHandle old,
    SEC_WCHAR *target, unsigned long requirements, unsigned long reserved1, unsigned long target_data,
    PSecBufferDesc input, unsigned long reserved2, PCtxtHandle new, PSecBufferDesc output,
    unsigned long *attributes, PTimeStamp expiry)
{
    unsigned long place;
    SECURITY_STATUS status;

    if (old && place_of(old) < 0)
        return SEC_E_INVALID_HANDLE;
    if (credentials_acquired == credentials_freed)
        tell("violation: no credentials");
    status = REAL(InitializeSecurityContextW)(credentials, old, target, requirements, reserved1,
        target_data, input, reserved2, new, output, attributes, expiry);
    if (status >= 0 && !old) {
        if (context_count == MOST_CONTEXTS) {
            tell("violation: too many contexts");
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        contexts[context_count++].handle = *new;
    }
    for (place = 0; output && place < output->cBuffers; place++)
        if (output->pBuffers[place].pvBuffer && (requirements & ISC_REQ_ALLOCATE_MEMORY))
            buffers_made++;
    return status;
}

SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle handle)
{
    int place = place_of(handle);

    if (place < 0)
        return SEC_E_INVALID_HANDLE;
    contexts[place].is_deleted = TRUE;
    contexts_deleted++;
    return REAL(DeleteSecurityContext)(handle);
}

SECURITY_STATUS SEC_ENTRY FreeContextBuffer(void *buffer)
{
    buffers_freed++;
    return REAL(FreeContextBuffer)(buffer);
}

SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle handle, unsigned long attribute, void *answer)
{
    int place = place_of(handle);

    if (place < 0)
        return SEC_E_INVALID_HANDLE;
    if (attribute == SECPKG_ATTR_SESSION_INFO && session_of(place, answer))
        return SEC_E_OK;
    return REAL(QueryContextAttributesW)(handle, attribute, answer);
}

SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle handle, PSecBufferDesc input)
{
    return place_of(handle) < 0 ? SEC_E_INVALID_HANDLE : REAL(ApplyControlToken)(handle, input);
}

SECURITY_STATUS SEC_ENTRY DecryptMessage(
    PCtxtHandle handle, PSecBufferDesc message, unsigned long number, unsigned long *quality)
{
    return place_of(handle) < 0 ? SEC_E_INVALID_HANDLE
                                : REAL(DecryptMessage)(handle, message, number, quality);
}

/* Passes a call through, with any arguments. */
#define PASS(name) \
    void *real_##name; \
    EXPORT(name) \
    __asm__(".globl " #name "\n" #name ":\n\tjmp *real_" #name "(%rip)");
#define EACH_PASSED(DO) \
    DO(LsaCallAuthenticationPackage) DO(LsaConnectUntrusted) DO(LsaDeregisterLogonProcess) \
    DO(LsaEnumerateLogonSessions) DO(LsaFreeReturnBuffer) DO(LsaGetLogonSessionData) \
    DO(LsaLookupAuthenticationPackage) DO(GetUserNameExW)

EACH_PASSED(PASS)

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *reserved)
{
    (void)self;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        /* Wine's name for its own folder of DLLs. In System32 is this DLL. */
        const WCHAR *folder = _wgetenv(L"WINEDLLDIR0");
        WCHAR path[MAX_PATH + 32];

        if (!folder || wcslen(folder) > MAX_PATH)
            return FALSE;
        if (!wcsncmp(folder, L"\\??\\", 4))
            folder += 4;
        wcscat(wcscpy(path, folder), L"\\x86_64-windows\\secur32.dll");
        real = LoadLibraryW(path);
        if (!real || real == (HMODULE)self)
            return FALSE;
#define RESOLVE(name) real_##name = (void *)GetProcAddress(real, #name);
        EACH_PASSED(RESOLVE)
    } else if (reason == DLL_PROCESS_DETACH) {
        tell("credentials %u/%u contexts %u/%u buffers %u/%u", credentials_acquired,
            credentials_freed, context_count, contexts_deleted, buffers_made, buffers_freed);
    }
    return TRUE;
}
