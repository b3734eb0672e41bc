//! How a function is called, as a value that can be compared.

/// Eight parameters at most.
const ROOM: usize = 8;

/// What is passed for each parameter, and what comes back, first: nothing, a
/// pointer, or a number of so many bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) passed: [u8; ROOM],
    pub(crate) count: usize,
}

impl Shape {
    pub(crate) const fn is(self, other: Self) -> bool {
        let mut place = 0;
        while place < ROOM {
            if self.passed[place] != other.passed[place] {
                return false;
            }
            place += 1;
        }
        self.count == other.count
    }
}

/// The shape of a function.
pub(crate) const fn shape<F: Function>(_function: F) -> Shape {
    F::SHAPE
}

/// A pointer to a function, in either calling convention: on x64 and ARM64 they
/// are one.
pub(crate) trait Function: Copy {
    const SHAPE: Shape;
}

impl<F: Function> Function for Option<F> {
    const SHAPE: Shape = F::SHAPE;
}

/// A type of parameters. One that is not here does not compile, so that nobody has
/// to guess what is compared.
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

        // The metadata does not know of functions that do not return.
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
    let mut place = 0;
    while place < parameters.len() {
        passed[place + 1] = parameters[place];
        place += 1;
    }
    Shape { passed, count: parameters.len() }
}
