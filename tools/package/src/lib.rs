//! Packages sessionwatch: driver, tool and INF, signed for test machines.
//!
//! [`linux`] and [`windows`] make the same files. On Windows, the kit's programs do the work. On
//! Linux, modules of this crate replace them. Neither module knows the other. [`product`] has
//! every name of the product.

pub mod linux;
mod places;
pub mod product;
pub mod windows;

pub use self::places::Places;
