//! The rules for drivers.

use serde::{Deserialize, Serialize};

/// The rule of a violation. The verdict file has it in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// The driver called a function that the host does not implement.
    Unimplemented,
    /// The image imports a function that the host neither provides nor allows.
    UnknownImport,
    /// The bind information of the entry library is wrong.
    BadBindInfo,
    /// The globals argument is not the driver's own.
    WrongGlobals,
    /// A required pointer is NULL.
    NullPointer,
    /// A pointer does not lead to accessible memory.
    BadPointer,
    /// A `Size` field or a length argument differs from the structure's size.
    WrongSize,
    /// A value is out of the call's bounds.
    BadArgument,
    /// A counted string is malformed.
    BadString,
    /// The handle is NULL.
    NullHandle,
    /// The value was never a handle.
    ForeignHandle,
    /// The handle's object is deleted.
    StaleHandle,
    /// The object has another type than the call takes.
    WrongHandleType,
    /// The context record is another copy than the one of the object's creation.
    ContextTypeMismatch,
    /// The driver may not delete this object.
    DeleteRefused,
    /// The driver called a function above its highest IRQL.
    IrqlTooHigh,
    /// A callback returned with a spin lock held.
    LockHeldAtReturn,
    /// A spin lock was released that is not held.
    LockNotHeld,
    /// A spin lock was released that another thread holds.
    LockOwnedByOther,
    /// The holder of a spin lock acquired it again.
    LockRecursion,
    /// A spin lock was deleted while held.
    LockDeletedHeld,
    /// A wait that has no limit on Windows did not end.
    WaitTooLong,
    /// The request was already completed.
    CompletedTwice,
    /// The request was never completed.
    NeverCompleted,
    /// The request is in a queue, so the framework owns it.
    RequestNotOwned,
    /// A callback that got a request called a function that waits for such requests.
    WaitInQueueCallback,
    /// A request was completed with more information than its output buffer holds.
    InformationTooLarge,
    /// A pool block was allocated with tag 0, or without a pool type.
    BadPoolRequest,
    /// The pointer is not a pool block, or the block was already freed.
    BadPoolFree,
    /// A pool block was freed with another tag.
    WrongPoolTag,
    /// Bytes next to a pool block were overwritten.
    PoolOverrun,
    /// A pool block was left at unload.
    PoolLeft,
    /// A session callback allocated pool.
    PoolInCallback,
    /// A session registration was left at unload.
    RegistrationLeft,
    /// The registration is unknown, or was already unregistered.
    UnknownRegistration,
    /// A session callback registered or unregistered: a deadlock on Windows.
    RegistrationInCallback,
    /// The session object does not belong to a running callback.
    StaleSessionObject,
    /// A device initialization was neither consumed nor freed.
    DeviceInitLeft,
    /// The device initialization was already consumed or freed.
    StaleDeviceInit,
    /// `WdfControlFinishInitializing` was not called for the control device.
    DeviceNotFinished,
    /// Handles to the device stayed open after the driver was asked to stop.
    HandlesLeft,
    /// An object that the framework does not delete was left at unload.
    ObjectLeft,
    /// An event provider was left registered at unload.
    ProviderLeft,
    /// `WdfDriverCreate` was called twice.
    SecondDriver,
    /// The driver raised a bug check.
    BugCheck,
    /// The driver hit a breakpoint.
    BreakPoint,
    /// The driver caused an unhandled exception.
    Crash,
    /// The host itself failed.
    HostFailure,
}
