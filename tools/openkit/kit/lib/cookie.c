/*
 * BufferOverflowFastFailK.lib: the kit's stack cookies. Neither Rust code nor
 * the entry library uses any, so this library defines only a name.
 */
char OpenkitHasNoStackCookies;
