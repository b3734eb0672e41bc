/*
 * A second description of the framework's binary interface, from its
 * documentation and not from the headers of the kit. Compiling this file is the
 * test: one wrong number, name or argument is an error.
 */
#include "ntifs.h"
#include "ntddk.h"
#include "ntstrsafe.h"
#include "wdf.h"

#define INDEX(Name, Value) _Static_assert(Name##TableIndex == (Value), #Name)
#define VALUE(Name, Value) _Static_assert(Name == (Value), #Name)
#define SIZE(Type, Bytes) _Static_assert(sizeof(Type) == (Bytes), #Type)
#define AT(Offset, Type, Field) \
    _Static_assert(__builtin_offsetof(Type, Field) == (Offset), #Type "." #Field)
#define GLOBALS PWDF_DRIVER_GLOBALS
#define PROTOTYPE(NAME, Result, ...) \
    _Static_assert(__builtin_types_compatible_p(PFN_##NAME, Result (*)(__VA_ARGS__)), #NAME)

/* The index of each function in the table. */
INDEX(WdfCollectionCreate, 13);
INDEX(WdfControlDeviceInitAllocate, 25);
INDEX(WdfControlDeviceInitSetShutdownNotification, 26);
INDEX(WdfControlFinishInitializing, 27);
INDEX(WdfDeviceWdmGetDeviceObject, 31);
INDEX(WdfDeviceGetDriver, 39);
INDEX(WdfDeviceInitFree, 54);
INDEX(WdfDeviceInitSetIoType, 61);
INDEX(WdfDeviceInitSetExclusive, 62);
INDEX(WdfDeviceInitSetPowerNotPageable, 63);
INDEX(WdfDeviceInitSetDeviceType, 66);
INDEX(WdfDeviceInitAssignName, 67);
INDEX(WdfDeviceInitAssignSDDLString, 68);
INDEX(WdfDeviceInitSetCharacteristics, 70);
INDEX(WdfDeviceInitSetFileObjectConfig, 71);
INDEX(WdfDeviceInitSetRequestAttributes, 72);
INDEX(WdfDeviceInitSetIoInCallerContextCallback, 74);
INDEX(WdfDeviceCreate, 75);
INDEX(WdfDeviceCreateDeviceInterface, 77);
INDEX(WdfDeviceCreateSymbolicLink, 80);
INDEX(WdfDeviceGetFileObject, 90);
INDEX(WdfDeviceEnqueueRequest, 91);
INDEX(WdfDeviceGetDefaultQueue, 92);
INDEX(WdfDeviceConfigureRequestDispatching, 93);
INDEX(WdfDriverCreate, 116);
INDEX(WdfDriverGetRegistryPath, 117);
INDEX(WdfDriverWdmGetDriverObject, 118);
INDEX(WdfDriverOpenParametersRegistryKey, 119);
INDEX(WdfDriverRegisterTraceInfo, 121);
INDEX(WdfDriverRetrieveVersionString, 122);
INDEX(WdfDriverIsVersionAvailable, 123);
INDEX(WdfFileObjectGetFileName, 137);
INDEX(WdfFileObjectGetFlags, 138);
INDEX(WdfFileObjectGetDevice, 139);
INDEX(WdfFileObjectWdmGetFileObject, 140);
INDEX(WdfIoQueueCreate, 152);
INDEX(WdfIoQueueGetState, 153);
INDEX(WdfIoQueueStart, 154);
INDEX(WdfIoQueueStop, 155);
INDEX(WdfIoQueueStopSynchronously, 156);
INDEX(WdfIoQueueGetDevice, 157);
INDEX(WdfIoQueueRetrieveNextRequest, 158);
INDEX(WdfIoQueueRetrieveRequestByFileObject, 159);
INDEX(WdfIoQueueFindRequest, 160);
INDEX(WdfIoQueueRetrieveFoundRequest, 161);
INDEX(WdfIoQueueDrainSynchronously, 162);
INDEX(WdfIoQueueDrain, 163);
INDEX(WdfIoQueuePurgeSynchronously, 164);
INDEX(WdfIoQueuePurge, 165);
INDEX(WdfIoQueueReadyNotify, 166);
INDEX(WdfMemoryCreate, 192);
INDEX(WdfMemoryGetBuffer, 194);
INDEX(WdfMemoryCopyToBuffer, 196);
INDEX(WdfMemoryCopyFromBuffer, 197);
INDEX(WdfDriverMiniportUnload, 201);
INDEX(WdfObjectGetTypedContextWorker, 202);
INDEX(WdfObjectAllocateContext, 203);
INDEX(WdfObjectContextGetObject, 204);
INDEX(WdfObjectReferenceActual, 205);
INDEX(WdfObjectDereferenceActual, 206);
INDEX(WdfObjectCreate, 207);
INDEX(WdfObjectDelete, 208);
INDEX(WdfObjectQuery, 209);
INDEX(WdfRegistryOpenKey, 229);
INDEX(WdfRegistryClose, 231);
INDEX(WdfRegistryQueryValue, 235);
INDEX(WdfRegistryQueryULong, 240);
INDEX(WdfRequestGetStatus, 254);
INDEX(WdfRequestMarkCancelable, 255);
INDEX(WdfRequestUnmarkCancelable, 256);
INDEX(WdfRequestIsCanceled, 257);
INDEX(WdfRequestIsFrom32BitProcess, 259);
INDEX(WdfRequestComplete, 263);
INDEX(WdfRequestCompleteWithInformation, 265);
INDEX(WdfRequestGetParameters, 266);
INDEX(WdfRequestRetrieveInputMemory, 267);
INDEX(WdfRequestRetrieveOutputMemory, 268);
INDEX(WdfRequestRetrieveInputBuffer, 269);
INDEX(WdfRequestRetrieveOutputBuffer, 270);
INDEX(WdfRequestRetrieveUnsafeUserOutputBuffer, 274);
INDEX(WdfRequestSetInformation, 275);
INDEX(WdfRequestGetInformation, 276);
INDEX(WdfRequestGetFileObject, 277);
INDEX(WdfRequestProbeAndLockUserBufferForWrite, 279);
INDEX(WdfRequestGetRequestorMode, 280);
INDEX(WdfRequestForwardToIoQueue, 281);
INDEX(WdfRequestGetIoQueue, 282);
INDEX(WdfRequestRequeue, 283);
INDEX(WdfRequestWdmGetIrp, 285);
INDEX(WdfStringCreate, 308);
INDEX(WdfStringGetUnicodeString, 309);
INDEX(WdfWaitLockCreate, 312);
INDEX(WdfWaitLockAcquire, 313);
INDEX(WdfWaitLockRelease, 314);
INDEX(WdfSpinLockCreate, 315);
INDEX(WdfSpinLockAcquire, 316);
INDEX(WdfSpinLockRelease, 317);
INDEX(WdfTimerCreate, 318);
INDEX(WdfTimerStart, 319);
INDEX(WdfTimerStop, 320);
INDEX(WdfTimerGetParentObject, 321);
INDEX(WdfVerifierDbgBreakPoint, 367);
INDEX(WdfVerifierKeBugCheck, 368);
INDEX(WdfWorkItemCreate, 379);
INDEX(WdfWorkItemEnqueue, 380);
INDEX(WdfWorkItemGetParentObject, 381);
INDEX(WdfWorkItemFlush, 382);
INDEX(WdfRequestMarkCancelableEx, 393);
INDEX(WdfGetTriageInfo, 431);
INDEX(WdfDeviceInitSetIoTypeEx, 432);
INDEX(WdfRequestGetRequestorProcessId, 447);
VALUE(WdfFunctionTableNumEntries, 458);

/* Functions that the driver calls. */
PROTOTYPE(WDFCONTROLDEVICEINITALLOCATE, PWDFDEVICE_INIT, GLOBALS, WDFDRIVER, const UNICODE_STRING *);
PROTOTYPE(WDFCONTROLDEVICEINITSETSHUTDOWNNOTIFICATION, void, GLOBALS, PWDFDEVICE_INIT,
          void (*)(WDFDEVICE), unsigned char);
PROTOTYPE(WDFCONTROLFINISHINITIALIZING, void, GLOBALS, WDFDEVICE);
PROTOTYPE(WDFDEVICEINITFREE, void, GLOBALS, PWDFDEVICE_INIT);
PROTOTYPE(WDFDEVICEINITSETIOTYPE, void, GLOBALS, PWDFDEVICE_INIT, WDF_DEVICE_IO_TYPE);
PROTOTYPE(WDFDEVICEINITSETEXCLUSIVE, void, GLOBALS, PWDFDEVICE_INIT, unsigned char);
PROTOTYPE(WDFDEVICEINITSETDEVICETYPE, void, GLOBALS, PWDFDEVICE_INIT, unsigned long);
PROTOTYPE(WDFDEVICEINITASSIGNNAME, long, GLOBALS, PWDFDEVICE_INIT, const UNICODE_STRING *);
PROTOTYPE(WDFDEVICEINITASSIGNSDDLSTRING, long, GLOBALS, PWDFDEVICE_INIT, const UNICODE_STRING *);
PROTOTYPE(WDFDEVICEINITSETCHARACTERISTICS, void, GLOBALS, PWDFDEVICE_INIT, unsigned long,
          unsigned char);
PROTOTYPE(WDFDEVICEINITSETFILEOBJECTCONFIG, void, GLOBALS, PWDFDEVICE_INIT,
          WDF_FILEOBJECT_CONFIG *, WDF_OBJECT_ATTRIBUTES *);
PROTOTYPE(WDFDEVICECREATE, long, GLOBALS, PWDFDEVICE_INIT *, WDF_OBJECT_ATTRIBUTES *, WDFDEVICE *);
PROTOTYPE(WDFDEVICECREATESYMBOLICLINK, long, GLOBALS, WDFDEVICE, const UNICODE_STRING *);
PROTOTYPE(WDFDEVICEWDMGETDEVICEOBJECT, DEVICE_OBJECT *, GLOBALS, WDFDEVICE);
PROTOTYPE(WDFDRIVERCREATE, long, GLOBALS, DRIVER_OBJECT *, const UNICODE_STRING *,
          WDF_OBJECT_ATTRIBUTES *, WDF_DRIVER_CONFIG *, WDFDRIVER *);
PROTOTYPE(WDFDRIVEROPENPARAMETERSREGISTRYKEY, long, GLOBALS, WDFDRIVER, unsigned long,
          WDF_OBJECT_ATTRIBUTES *, WDFKEY *);
PROTOTYPE(WDFREGISTRYQUERYULONG, long, GLOBALS, WDFKEY, const UNICODE_STRING *, unsigned long *);
PROTOTYPE(WDFREGISTRYCLOSE, void, GLOBALS, WDFKEY);
PROTOTYPE(WDFIOQUEUECREATE, long, GLOBALS, WDFDEVICE, WDF_IO_QUEUE_CONFIG *,
          WDF_OBJECT_ATTRIBUTES *, WDFQUEUE *);
PROTOTYPE(WDFIOQUEUERETRIEVENEXTREQUEST, long, GLOBALS, WDFQUEUE, WDFREQUEST *);
PROTOTYPE(WDFIOQUEUEPURGE, void, GLOBALS, WDFQUEUE, void (*)(WDFQUEUE, void *), void *);
PROTOTYPE(WDFOBJECTGETTYPEDCONTEXTWORKER, void *, GLOBALS, HANDLE,
          const WDF_OBJECT_CONTEXT_TYPE_INFO *);
PROTOTYPE(WDFOBJECTALLOCATECONTEXT, long, GLOBALS, HANDLE, WDF_OBJECT_ATTRIBUTES *, void **);
PROTOTYPE(WDFOBJECTCREATE, long, GLOBALS, WDF_OBJECT_ATTRIBUTES *, HANDLE *);
PROTOTYPE(WDFOBJECTDELETE, void, GLOBALS, HANDLE);
PROTOTYPE(WDFREQUESTRETRIEVEINPUTBUFFER, long, GLOBALS, WDFREQUEST, unsigned long long, void **,
          unsigned long long *);
PROTOTYPE(WDFREQUESTRETRIEVEOUTPUTBUFFER, long, GLOBALS, WDFREQUEST, unsigned long long, void **,
          unsigned long long *);
PROTOTYPE(WDFREQUESTGETPARAMETERS, void, GLOBALS, WDFREQUEST, WDF_REQUEST_PARAMETERS *);
PROTOTYPE(WDFREQUESTCOMPLETE, void, GLOBALS, WDFREQUEST, long);
PROTOTYPE(WDFREQUESTCOMPLETEWITHINFORMATION, void, GLOBALS, WDFREQUEST, long, unsigned long long);
PROTOTYPE(WDFREQUESTFORWARDTOIOQUEUE, long, GLOBALS, WDFREQUEST, WDFQUEUE);
PROTOTYPE(WDFREQUESTMARKCANCELABLEEX, long, GLOBALS, WDFREQUEST, void (*)(WDFREQUEST));
PROTOTYPE(WDFREQUESTUNMARKCANCELABLE, long, GLOBALS, WDFREQUEST);
PROTOTYPE(WDFSPINLOCKCREATE, long, GLOBALS, WDF_OBJECT_ATTRIBUTES *, WDFSPINLOCK *);
PROTOTYPE(WDFSPINLOCKACQUIRE, void, GLOBALS, WDFSPINLOCK);
PROTOTYPE(WDFSPINLOCKRELEASE, void, GLOBALS, WDFSPINLOCK);
PROTOTYPE(WDFTIMERCREATE, long, GLOBALS, WDF_TIMER_CONFIG *, WDF_OBJECT_ATTRIBUTES *, WDFTIMER *);
PROTOTYPE(WDFTIMERSTART, unsigned char, GLOBALS, WDFTIMER, long long);
PROTOTYPE(WDFTIMERSTOP, unsigned char, GLOBALS, WDFTIMER, unsigned char);
PROTOTYPE(WDFVERIFIERDBGBREAKPOINT, void, GLOBALS);
PROTOTYPE(WDFWORKITEMCREATE, long, GLOBALS, WDF_WORKITEM_CONFIG *, WDF_OBJECT_ATTRIBUTES *,
          WDFWORKITEM *);
PROTOTYPE(WDFWORKITEMENQUEUE, void, GLOBALS, WDFWORKITEM);

/* Callbacks that the framework calls. */
PROTOTYPE(WDF_DRIVER_DEVICE_ADD, long, WDFDRIVER, PWDFDEVICE_INIT);
PROTOTYPE(WDF_DRIVER_UNLOAD, void, WDFDRIVER);
PROTOTYPE(WDF_OBJECT_CONTEXT_CLEANUP, void, HANDLE);
PROTOTYPE(WDF_OBJECT_CONTEXT_DESTROY, void, HANDLE);
PROTOTYPE(WDF_DEVICE_FILE_CREATE, void, WDFDEVICE, WDFREQUEST, WDFFILEOBJECT);
PROTOTYPE(WDF_FILE_CLEANUP, void, WDFFILEOBJECT);
PROTOTYPE(WDF_FILE_CLOSE, void, WDFFILEOBJECT);
PROTOTYPE(WDF_IO_IN_CALLER_CONTEXT, void, WDFDEVICE, WDFREQUEST);
PROTOTYPE(WDF_IO_QUEUE_IO_DEFAULT, void, WDFQUEUE, WDFREQUEST);
PROTOTYPE(WDF_IO_QUEUE_IO_READ, void, WDFQUEUE, WDFREQUEST, unsigned long long);
PROTOTYPE(WDF_IO_QUEUE_IO_WRITE, void, WDFQUEUE, WDFREQUEST, unsigned long long);
PROTOTYPE(WDF_IO_QUEUE_IO_DEVICE_CONTROL, void, WDFQUEUE, WDFREQUEST, unsigned long long,
          unsigned long long, unsigned long);
PROTOTYPE(WDF_IO_QUEUE_IO_STOP, void, WDFQUEUE, WDFREQUEST, unsigned long);
PROTOTYPE(WDF_IO_QUEUE_IO_RESUME, void, WDFQUEUE, WDFREQUEST);
PROTOTYPE(WDF_IO_QUEUE_IO_CANCELED_ON_QUEUE, void, WDFQUEUE, WDFREQUEST);
PROTOTYPE(WDF_IO_QUEUE_STATE, void, WDFQUEUE, void *);
PROTOTYPE(WDF_REQUEST_CANCEL, void, WDFREQUEST);
PROTOTYPE(WDF_TIMER, void, WDFTIMER);
PROTOTYPE(WDF_WORKITEM, void, WDFWORKITEM);

/* Structures of the framework. */
SIZE(WDF_DRIVER_GLOBALS, 56);
AT(12, WDF_DRIVER_GLOBALS, DriverTag);
AT(48, WDF_DRIVER_GLOBALS, DisplaceDriverUnload);
SIZE(WDF_DRIVER_CONFIG, 32);
AT(8, WDF_DRIVER_CONFIG, EvtDriverDeviceAdd);
AT(16, WDF_DRIVER_CONFIG, EvtDriverUnload);
AT(24, WDF_DRIVER_CONFIG, DriverInitFlags);
AT(28, WDF_DRIVER_CONFIG, DriverPoolTag);
SIZE(WDF_OBJECT_ATTRIBUTES, 56);
AT(8, WDF_OBJECT_ATTRIBUTES, EvtCleanupCallback);
AT(16, WDF_OBJECT_ATTRIBUTES, EvtDestroyCallback);
AT(24, WDF_OBJECT_ATTRIBUTES, ExecutionLevel);
AT(28, WDF_OBJECT_ATTRIBUTES, SynchronizationScope);
AT(32, WDF_OBJECT_ATTRIBUTES, ParentObject);
AT(40, WDF_OBJECT_ATTRIBUTES, ContextSizeOverride);
AT(48, WDF_OBJECT_ATTRIBUTES, ContextTypeInfo);
SIZE(WDF_OBJECT_CONTEXT_TYPE_INFO, 40);
AT(8, WDF_OBJECT_CONTEXT_TYPE_INFO, ContextName);
AT(16, WDF_OBJECT_CONTEXT_TYPE_INFO, ContextSize);
AT(24, WDF_OBJECT_CONTEXT_TYPE_INFO, UniqueType);
AT(32, WDF_OBJECT_CONTEXT_TYPE_INFO, EvtDriverGetUniqueContextType);
SIZE(WDF_IO_QUEUE_CONFIG, 96);
AT(4, WDF_IO_QUEUE_CONFIG, DispatchType);
AT(8, WDF_IO_QUEUE_CONFIG, PowerManaged);
AT(12, WDF_IO_QUEUE_CONFIG, AllowZeroLengthRequests);
AT(13, WDF_IO_QUEUE_CONFIG, DefaultQueue);
AT(16, WDF_IO_QUEUE_CONFIG, EvtIoDefault);
AT(40, WDF_IO_QUEUE_CONFIG, EvtIoDeviceControl);
AT(72, WDF_IO_QUEUE_CONFIG, EvtIoCanceledOnQueue);
AT(80, WDF_IO_QUEUE_CONFIG, Settings.Parallel.NumberOfPresentedRequests);
AT(88, WDF_IO_QUEUE_CONFIG, Driver);
SIZE(WDF_FILEOBJECT_CONFIG, 40);
AT(8, WDF_FILEOBJECT_CONFIG, EvtDeviceFileCreate);
AT(16, WDF_FILEOBJECT_CONFIG, EvtFileClose);
AT(24, WDF_FILEOBJECT_CONFIG, EvtFileCleanup);
AT(32, WDF_FILEOBJECT_CONFIG, AutoForwardCleanupClose);
AT(36, WDF_FILEOBJECT_CONFIG, FileObjectClass);
SIZE(WDF_REQUEST_PARAMETERS, 40);
SIZE(((WDF_REQUEST_PARAMETERS *)0)->Size, 2);
AT(2, WDF_REQUEST_PARAMETERS, MinorFunction);
AT(4, WDF_REQUEST_PARAMETERS, Type);
AT(24, WDF_REQUEST_PARAMETERS, Parameters.Create.FileAttributes);
AT(26, WDF_REQUEST_PARAMETERS, Parameters.Create.ShareAccess);
AT(32, WDF_REQUEST_PARAMETERS, Parameters.Create.EaLength);
AT(24, WDF_REQUEST_PARAMETERS, Parameters.Read.DeviceOffset);
AT(24, WDF_REQUEST_PARAMETERS, Parameters.Write.DeviceOffset);
AT(8, WDF_REQUEST_PARAMETERS, Parameters.DeviceIoControl.OutputBufferLength);
AT(16, WDF_REQUEST_PARAMETERS, Parameters.DeviceIoControl.InputBufferLength);
AT(24, WDF_REQUEST_PARAMETERS, Parameters.DeviceIoControl.IoControlCode);
AT(32, WDF_REQUEST_PARAMETERS, Parameters.DeviceIoControl.Type3InputBuffer);
AT(32, WDF_REQUEST_PARAMETERS, Parameters.Others.Arg4);
SIZE(WDF_TIMER_CONFIG, 40);
AT(16, WDF_TIMER_CONFIG, Period);
AT(20, WDF_TIMER_CONFIG, AutomaticSerialization);
AT(24, WDF_TIMER_CONFIG, TolerableDelay);
AT(32, WDF_TIMER_CONFIG, UseHighResolutionTimer);
SIZE(WDF_WORKITEM_CONFIG, 24);
AT(16, WDF_WORKITEM_CONFIG, AutomaticSerialization);
SIZE(WDF_REQUEST_FORWARD_OPTIONS, 8);
SIZE(WDF_DRIVER_VERSION_AVAILABLE_PARAMS, 12);
SIZE(WDF_IO_TYPE_CONFIG, 16);

/* Values of the framework. */
VALUE(WdfUseDefault, 2);
VALUE(WdfDriverInitNonPnpDriver, 1);
VALUE(WdfDriverInitCompanion, 0x10);
VALUE(WdfExecutionLevelInheritFromParent, 1);
VALUE(WdfExecutionLevelDispatch, 3);
VALUE(WdfSynchronizationScopeInheritFromParent, 1);
VALUE(WdfSynchronizationScopeNone, 4);
VALUE(WdfDeviceIoBuffered, 2);
VALUE(WdfDeviceIoMaximum, 5);
VALUE(WdfDeviceLastChanceShutdown, 2);
VALUE(WdfFileObjectWdfCannotUseFsContexts, 4);
VALUE(WdfIoQueueDispatchSequential, 1);
VALUE(WdfIoQueueDispatchManual, 3);
VALUE(WdfIoQueuePnpHeld, 0x10);
VALUE(WdfRequestStopActionPurge, 2);
VALUE(WdfRequestStopRequestCancelable, 0x10000000);
VALUE(WdfRequestTypeCreate, IRP_MJ_CREATE);
VALUE(WdfRequestTypeDeviceControl, IRP_MJ_DEVICE_CONTROL);
VALUE(WdfRequestTypeCleanup, IRP_MJ_CLEANUP);
VALUE(WdfRequestTypePnp, IRP_MJ_PNP);
VALUE(WdfRequestTypeMax, 256);

/* The kernel's session interface, from MinGW's headers. */
SIZE(IO_SESSION_STATE_NOTIFICATION, 32);
AT(4, IO_SESSION_STATE_NOTIFICATION, Flags);
AT(8, IO_SESSION_STATE_NOTIFICATION, IoObject);
AT(16, IO_SESSION_STATE_NOTIFICATION, EventMask);
AT(24, IO_SESSION_STATE_NOTIFICATION, Context);
SIZE(IO_SESSION_STATE_INFORMATION, 12);
AT(4, IO_SESSION_STATE_INFORMATION, SessionState);
AT(8, IO_SESSION_STATE_INFORMATION, LocalSession);
SIZE(IO_SESSION_CONNECT_INFO, 8);
AT(4, IO_SESSION_CONNECT_INFO, LocalSession);
VALUE(IoSessionStateNotification, 0);
VALUE(IoSessionStateInformation, 0);
VALUE(IoSessionEventIgnore, 0);
VALUE(IoSessionEventCreated, 1);
VALUE(IoSessionEventTerminated, 2);
VALUE(IoSessionEventConnected, 3);
VALUE(IoSessionEventDisconnected, 4);
VALUE(IoSessionEventLogon, 5);
VALUE(IoSessionEventLogoff, 6);
VALUE(IoSessionStateCreated, 1);
VALUE(IoSessionStateTerminated, 8);
VALUE(IO_SESSION_STATE_VALID_EVENT_MASK, 0x3F);
VALUE(IO_SESSION_STATE_ALL_EVENTS, 0xFFFFFFFF);
AT(104, DRIVER_OBJECT, DriverUnload);
AT(112, DRIVER_OBJECT, MajorFunction);
