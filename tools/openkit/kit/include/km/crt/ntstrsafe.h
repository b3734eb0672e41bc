/*
 * Empty. The safe string functions are inline, so Rust cannot call them. Their
 * header would include the C library's input and output.
 */
#pragma once
