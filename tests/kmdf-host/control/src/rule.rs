//! The rules a driver can break.

use serde::{Deserialize, Serialize};

/// Names the rule of a violation. The verdict file carries it in kebab case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// A function was used that the host does not implement.
    Unimplemented,
    /// The image imports something that is neither the host's nor allowed.
    UnknownImport,
    /// The bind information of the entry library is wrong.
    BadBindInfo,
    /// Another pointer than the driver's own globals came in.
    WrongGlobals,
    /// A pointer that has to be there is NULL.
    NullPointer,
    /// A pointer does not lead to memory that can be used.
    BadPointer,
    /// A `Size` field or a length argument has another value than the structure's size.
    WrongSize,
    /// A value is outside of what the call accepts.
    BadArgument,
    /// A counted string is malformed.
    BadString,
    /// The handle is NULL.
    NullHandle,
    /// The value was never a handle.
    ForeignHandle,
    /// The object of this handle is deleted.
    StaleHandle,
    /// The object is of another type than the call wants.
    WrongHandleType,
    /// The context record is a second copy of the one the object was made with.
    ContextTypeMismatch,
    /// This object may not be deleted by the driver.
    DeleteRefused,
    /// The call was made above its highest IRQL.
    IrqlTooHigh,
    /// A spin lock was still held when a callback returned.
    LockHeldAtReturn,
    /// The spin lock is released but not held.
    LockNotHeld,
    /// The spin lock is held by another thread.
    LockOwnedByOther,
    /// The spin lock is acquired again by its holder.
    LockRecursion,
    /// A spin lock was deleted while held.
    LockDeletedHeld,
    /// A wait that has no limit on Windows did not end.
    WaitTooLong,
    /// The request is completed already.
    CompletedTwice,
    /// The request was never completed.
    NeverCompleted,
    /// The request waits in a queue, so it is the framework's.
    RequestNotOwned,
    /// A call that waits for the driver's requests was made inside a callback that was given one.
    WaitInQueueCallback,
    /// A request was completed with more information than its output buffer holds.
    InformationTooLarge,
    /// A pool block was allocated with tag 0, or without a pool type.
    BadPoolRequest,
    /// The pointer is not, or is no longer, a pool block.
    BadPoolFree,
    /// A pool block was freed with another tag.
    WrongPoolTag,
    /// Bytes beside a block were overwritten.
    PoolOverrun,
    /// Pool was left at unload.
    PoolLeft,
    /// Pool was allocated inside a session callback.
    PoolInCallback,
    /// A session registration was left at unload.
    RegistrationLeft,
    /// The registration is not known, or is undone already.
    UnknownRegistration,
    /// Registrations were changed inside a session callback: a deadlock on Windows.
    RegistrationInCallback,
    /// The session object is not the one of a dispatch that is running.
    StaleSessionObject,
    /// A device initialisation was neither consumed nor freed.
    DeviceInitLeft,
    /// The device initialisation is consumed or freed already.
    StaleDeviceInit,
    /// The control device was never finished initialising.
    DeviceNotFinished,
    /// Handles to the device stayed open while the driver wanted to unload.
    HandlesLeft,
    /// An object was left at unload that the framework does not delete by itself.
    ObjectLeft,
    /// An event provider was left registered at unload.
    ProviderLeft,
    /// `WdfDriverCreate` was called twice.
    SecondDriver,
    /// The driver asked for a bug check.
    BugCheck,
    /// The driver asked for a breakpoint.
    BreakPoint,
    /// The processor raised an exception that nobody handled.
    Crash,
    /// The host itself failed.
    HostFailure,
}
