/*
 * The table of functions: the index of each one, the type of a pointer to it,
 * and the variables in which the framework leaves the table. The functions
 * themselves are the rows of `wdffunctions.h`.
 */
#pragma once

typedef VOID(NTAPI *WDFFUNC)(VOID);

typedef enum _WDFFUNCENUM {
#define WDF_FUNCTION(Index, Name, NAME, Result, ...) Name##TableIndex = Index,
#include "wdffunctions.h"
#undef WDF_FUNCTION
    WdfFunctionTableNumEntries = 458,
} WDFFUNCENUM;

/* Every function takes the driver's globals before its own arguments. */
#define WDF_FUNCTION(Index, Name, NAME, Result, ...) \
    typedef Result(NTAPI *PFN_##NAME)(PWDF_DRIVER_GLOBALS DriverGlobals, ##__VA_ARGS__);
#include "wdffunctions.h"
#undef WDF_FUNCTION

/* Defined by the entry library, filled in when the framework is bound. */
extern PWDF_DRIVER_GLOBALS WdfDriverGlobals;
extern const WDFFUNC *WdfFunctions_01031;
extern BOOLEAN WdfClientVersionHigherThanFramework;
extern ULONG WdfFunctionCount;
extern ULONG WdfStructureCount;
extern size_t *WdfStructures;

/*
 * What the driver asks for, defined in each client. The entry library reads
 * it through the bind information.
 */
#ifndef KMDF_MINIMUM_VERSION_REQUIRED
#define KMDF_MINIMUM_VERSION_REQUIRED KMDF_VERSION_MINOR
#endif
__declspec(selectany) ULONG WdfMinimumVersionRequired = KMDF_MINIMUM_VERSION_REQUIRED;
