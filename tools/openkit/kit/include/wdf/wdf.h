/*
 * Declares the part of the Kernel-Mode Driver Framework 1.31 that a
 * control-device driver calls, for the x64 kernel.
 *
 * These headers replace those of the Windows Driver Kit. They have only the
 * binary interface, because Rust cannot call the inline helpers of the kit.
 * `wdflayout.h` pins every size, offset and value at compile time.
 */
#pragma once

#if KMDF_VERSION_MAJOR != 1 || KMDF_VERSION_MINOR != 31
#error "These headers describe KMDF 1.31 only."
#endif

#include "wdftypes.h"
#include "wdfenums.h"
#include "wdfcallbacks.h"
#include "wdfstructures.h"
#include "wdftable.h"
#include "wdflayout.h"
