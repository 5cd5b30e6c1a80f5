/* Starting programs with what GNU/Linux adds to POSIX and Swift's own module of the C library leaves out. */
#ifndef CSPAWN_H
#define CSPAWN_H

#include <stddef.h>
#include <sys/types.h>

/* A pipe that no other program inherits; ends[0] is read from. 0, or the errno. */
int cspawn_pipe(int ends[2]);

/* Starts arguments[0] in a process group of its own, in `folder` unless that is NULL, with the three descriptors as its
   standard input, output and errors, no other descriptor, no signal blocked and none ignored. 0, or the errno. */
int cspawn_start(
    char *const arguments[], char *const environment[], const char *folder, int input, int output, int errors,
    pid_t *process);

/* As write(2), but without SIGPIPE where nobody reads: the count, or minus the errno. */
ssize_t cspawn_write(int descriptor, const void *bytes, size_t length);

#endif
