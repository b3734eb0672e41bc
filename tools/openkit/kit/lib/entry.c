/*
 * WdfDriverEntry.lib: the code that runs before and after the driver's own.
 *
 * The image's entry point binds the driver to the framework and calls
 * DriverEntry. It then replaces the framework's unload routine, to undo the
 * binding after the framework has torn down the driver. Unlike the kit's
 * library, this one has no class extensions, no shared context types, no
 * miniport unload, and no stack cookie (neither this file nor Rust code uses
 * one).
 */
#include <ntifs.h>
#include <wdf.h>

typedef struct _WDF_VERSION {
    ULONG Major;
    ULONG Minor;
    ULONG Build;
} WDF_VERSION;

typedef struct _WDF_BIND_INFO {
    ULONG Size;
    PCWSTR Component;
    WDF_VERSION Version;
    ULONG FuncCount;
    const WDFFUNC **FuncTable;
    PVOID Module;
} WDF_BIND_INFO;

typedef struct _WDF_BIND_INFO2 {
    WDF_BIND_INFO V1;
    PULONG MinimumVersionRequired;
    PBOOLEAN ClientVersionHigherThanFramework;
    PULONG FuncCountPtr;
    PULONG StructCountPtr;
    size_t **StructTable;
} WDF_BIND_INFO2;

WDF_PIN_SIZE(WDF_VERSION, 12);
WDF_PIN_SIZE(WDF_BIND_INFO, 48);
WDF_PIN_SIZE(WDF_BIND_INFO2, 88);
WDF_PIN_FIELD(WDF_BIND_INFO, FuncTable, 32);
WDF_PIN_FIELD(WDF_BIND_INFO2, StructTable, 80);

NTSTATUS NTAPI WdfVersionBind(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                              WDF_BIND_INFO2 *BindInfo, PWDF_DRIVER_GLOBALS *Globals);
NTSTATUS NTAPI WdfVersionUnbind(PUNICODE_STRING RegistryPath, WDF_BIND_INFO2 *BindInfo,
                                PWDF_DRIVER_GLOBALS Globals);

DRIVER_INITIALIZE DriverEntry;
DRIVER_INITIALIZE FxDriverEntry;
static DRIVER_UNLOAD FxStubDriverUnload;

PWDF_DRIVER_GLOBALS WdfDriverGlobals;
const WDFFUNC *WdfFunctions_01031;
BOOLEAN WdfClientVersionHigherThanFramework;
/* wdk-sys reads this as the length of the table. The framework overwrites it. */
ULONG WdfFunctionCount = WdfFunctionTableNumEntries;
ULONG WdfStructureCount;
size_t *WdfStructures;

/* The framework keeps a pointer to this while the driver is loaded. */
static WDF_BIND_INFO2 BindInfo = {
    .V1 =
        {
            .Size = sizeof(WDF_BIND_INFO2),
            .Component = L"KmdfLibrary",
            .Version = {KMDF_VERSION_MAJOR, KMDF_VERSION_MINOR, 0},
            .FuncCount = WdfFunctionTableNumEntries,
            .FuncTable = &WdfFunctions_01031,
        },
    .MinimumVersionRequired = &WdfMinimumVersionRequired,
    .ClientVersionHigherThanFramework = &WdfClientVersionHigherThanFramework,
    .FuncCountPtr = &WdfFunctionCount,
    .StructCountPtr = &WdfStructureCount,
    .StructTable = &WdfStructures,
};

/*
 * A copy, because the caller's string is gone when the driver unloads. A longer
 * path is truncated, as in the kit's library. It only names the driver in the
 * framework's log.
 */
static WCHAR RegistryPathBuffer[260];
static UNICODE_STRING RegistryPathCopy = {
    .MaximumLength = sizeof(RegistryPathBuffer),
    .Buffer = RegistryPathBuffer,
};

static PDRIVER_UNLOAD FrameworkUnload;

static VOID Unbind(VOID)
{
    WdfVersionUnbind(&RegistryPathCopy, &BindInfo, WdfDriverGlobals);
}

static VOID NTAPI FxStubDriverUnload(PDRIVER_OBJECT DriverObject)
{
    FrameworkUnload(DriverObject);
    Unbind();
}

NTSTATUS NTAPI FxDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    NTSTATUS status;

    /* The image is a library that other images import from: nothing to bind. */
    if (DriverObject == NULL) {
        return DriverEntry(DriverObject, RegistryPath);
    }

    RtlCopyUnicodeString(&RegistryPathCopy, RegistryPath);
    status = WdfVersionBind(DriverObject, &RegistryPathCopy, &BindInfo, &WdfDriverGlobals);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    status = DriverEntry(DriverObject, RegistryPath);
    if (!NT_SUCCESS(status)) {
        Unbind();
        return status;
    }

    /* A driver without an unload routine stays loaded. */
    if (WdfDriverGlobals->DisplaceDriverUnload && DriverObject->DriverUnload != NULL) {
        FrameworkUnload = DriverObject->DriverUnload;
        DriverObject->DriverUnload = FxStubDriverUnload;
    }
    return status;
}
