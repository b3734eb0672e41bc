//! The signature of a function, as a value that can be compared.

/// The return value and at most seven parameters.
const ROOM: usize = 8;

/// The kind of the return value, then of each parameter: nothing, a pointer, or the size of an
/// integer in bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) passed: [u8; ROOM],
    pub(crate) count: usize,
}

impl Shape {
    pub(crate) const fn is(self, other: Self) -> bool {
        let mut index = 0;
        while index < ROOM {
            if self.passed[index] != other.passed[index] {
                return false;
            }
            index += 1;
        }
        self.count == other.count
    }
}

/// The shape of a function.
pub(crate) const fn shape<F: Function>(_function: F) -> Shape {
    F::SHAPE
}

/// A pointer to a function, in either calling convention. On x64 and ARM64 both are the same.
pub(crate) trait Function: Copy {
    const SHAPE: Shape;
}

impl<F: Function> Function for Option<F> {
    const SHAPE: Shape = F::SHAPE;
}

/// The type of a parameter. A type without an implementation does not compile, so no parameter
/// is compared by accident.
pub(crate) trait Passed {
    const KIND: u8;
}

const POINTER: u8 = 0x80;

impl Passed for () {
    const KIND: u8 = 0;
}

impl<T> Passed for *const T {
    const KIND: u8 = POINTER;
}

impl<T> Passed for *mut T {
    const KIND: u8 = POINTER;
}

macro_rules! numbers {
    ($($number:ty)*) => {
        $(impl Passed for $number {
            const KIND: u8 = {
                assert!(size_of::<Self>() <= 8);
                size_of::<Self>().to_le_bytes()[0]
            };
        })*
    };
}

numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize bool);

macro_rules! functions {
    ($(($($parameter:ident)*))*) => {
        $(
            functions!(@ "C" ($($parameter)*));
            functions!(@ "system" ($($parameter)*));
        )*
    };
    (@ $abi:literal ($($parameter:ident)*)) => {
        impl<R: Passed, $($parameter: Passed),*> Function
            for unsafe extern $abi fn($($parameter),*) -> R
        {
            const SHAPE: Shape = gather(R::KIND, &[$($parameter::KIND),*]);
        }

        // The metadata declares functions that do not return as returning nothing.
        impl<$($parameter: Passed),*> Function for unsafe extern $abi fn($($parameter),*) -> ! {
            const SHAPE: Shape = gather(<()>::KIND, &[$($parameter::KIND),*]);
        }

        impl<R, $($parameter),*> Passed for Option<unsafe extern $abi fn($($parameter),*) -> R> {
            const KIND: u8 = POINTER;
        }
    };
}

functions!(()(A)(A B)(A B C)(A B C D)(A B C D E)(A B C D E G)(A B C D E G H));

const fn gather(returned: u8, parameters: &[u8]) -> Shape {
    let mut passed = [0; ROOM];
    passed[0] = returned;
    let mut index = 0;
    while index < parameters.len() {
        passed[index + 1] = parameters[index];
        index += 1;
    }
    Shape { passed, count: parameters.len() }
}
