//! Packages sessionwatch: driver, tool and INF, signed for test machines.
//!
//! [`linux`] and [`windows`] are the two halves. Both make the same files; on Linux
//! modules of ours stand where the kit's programs would, on Windows the kit's programs
//! run. Neither half knows the other. [`product`] has every name of the product.

pub mod linux;
mod places;
pub mod product;
pub mod windows;

pub use self::places::Places;
