/* GNU readline and the process's signals and output, behind functions that Swift can call without a pointer of its own.
 *
 * readline keeps its state in globals, so all of this belongs to one thread: the one that reads lines. Only the signal
 * handlers run anywhere.
 */
#ifndef CREADLINE_H
#define CREADLINE_H

#include <stdbool.h>
#include <stddef.h>

/* ---- line editor ---- */

enum {
  CREADLINE_LINE = 0,
  CREADLINE_INTERRUPTED = 1,
  CREADLINE_END = 2,
};

/* Prepares readline to read keys from `input`, a terminal, and to draw on `output`. `name` selects the `$if name` parts of
 * the user's inputrc. */
void creadline_start(const char *name, int input, int output);

/* Reads a line and says how it ended. The prompt marks what takes no columns with \001 and \002. */
int creadline_read(const char *prompt);

/* The next line that is read begins with this text, which can be edited. */
void creadline_offer(const char *text);

/* The line last read, UTF-8 without its newline; valid until the next read. */
const char *creadline_line(void);

/* Called on completion; it asks for buffer and cursor, then offers candidates. */
void creadline_set_completer(void (*completer)(void));

/* The line being edited, and the cursor in it in bytes. */
const char *creadline_buffer(void);
size_t creadline_cursor(void);

/* What follows replaces the bytes from `start` to the cursor; a lone candidate gets a blank if `append_space`. */
void creadline_begin_candidates(size_t start, bool append_space);
void creadline_add_candidate(const char *text);

void creadline_add_history(const char *entry);
void creadline_limit_history(int count);

/* ---- signals ---- */

/* Installs handlers: SIGINT calls `interrupt` and wakes the editor; SIGPIPE turns into EPIPE, and is back to its default
 * in programs that are started; SIGTERM and SIGHUP give the terminal its settings back, then end the process as usual. */
void creadline_install_signals(void (*interrupt)(void));

/* For the editor: whether SIGINT came since the last call, and the descriptor that becomes readable then. */
bool creadline_take_interrupt(void);
int creadline_interrupt_descriptor(void);

/* For the editor: the settings of the terminal at `descriptor` are about to change, or are back (-1). */
void creadline_guard_terminal(int descriptor);

/* ---- output ---- */

/* Writes all of `text`; returns 0 or an errno. */
int creadline_write(int descriptor, const char *text, size_t length);

/* Runs `command` in a shell with `text` as its input and waits. Returns false if it could not be started. */
bool creadline_page(const char *command, const char *text, size_t length);

#endif
