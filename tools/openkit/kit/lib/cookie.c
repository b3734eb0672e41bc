/*
 * BufferOverflowFastFailK.lib: the kit's stack cookies. Rust code and the
 * entry library use none, so it holds only a name that says so.
 */
char OpenkitHasNoStackCookies;
