/*
 * Empty: the safe string functions are inline, so Rust cannot call them, and
 * their header would pull the C library's input and output in.
 */
#pragma once
