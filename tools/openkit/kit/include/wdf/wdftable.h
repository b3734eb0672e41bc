/*
 * The table of functions: the index of each function, the type of a pointer to
 * it, and the variables in which the framework stores the table. The rows of
 * `wdffunctions.h` list the functions.
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

/* The entry library defines these variables. The bind to the framework fills them. */
extern PWDF_DRIVER_GLOBALS WdfDriverGlobals;
extern const WDFFUNC *WdfFunctions_01031;
extern BOOLEAN WdfClientVersionHigherThanFramework;
extern ULONG WdfFunctionCount;
extern ULONG WdfStructureCount;
extern size_t *WdfStructures;

/*
 * The requirements of the driver, which each client defines. The entry library
 * reads them through the bind information.
 */
#ifndef KMDF_MINIMUM_VERSION_REQUIRED
#define KMDF_MINIMUM_VERSION_REQUIRED KMDF_VERSION_MINOR
#endif
__declspec(selectany) ULONG WdfMinimumVersionRequired = KMDF_MINIMUM_VERSION_REQUIRED;
