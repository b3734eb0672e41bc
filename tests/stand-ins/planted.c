/*
 * A DLL that somebody has planted beside the tool. It writes a line to the file that PLANTED_LOG
 * names when a process loads it.
 */
#define STAND_IN "PLANTED"
#include "stand-in.h"

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved)
{
    WCHAR path[MAX_PATH] = {0};

    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        GetModuleFileNameW(module, path, MAX_PATH - 1);
        tell("loaded %ls", path);
    }
    return TRUE;
}
