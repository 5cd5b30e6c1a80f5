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

/* Whether keys wait at a terminal; a line that was not ended counts. They stay where they are. */
bool creadline_keys_are_waiting(int descriptor);

void creadline_add_history(const char *entry);
void creadline_limit_history(int count);

/* ---- signals ---- */

/* Installs handlers: SIGINT calls `interrupt` and wakes the editor; SIGPIPE turns into EPIPE and SIGXFSZ into EFBIG, and
 * both are back to their defaults in programs that are started. SIGTERM and SIGHUP at the prompt give the terminal its settings back and end the process;
 * elsewhere they call `interrupt` too, and the process has two seconds to end in order; a second one ends it at once. A
 * signal that the process was started to ignore, as nohup does, stays ignored. */
void creadline_install_signals(void (*interrupt)(void));

/* The signal that wants the process to end, 0 if none came; and the end by it, as its parent expects. */
int creadline_ending_signal(void);
void creadline_end_by_signal(void);

/* For the editor: whether SIGINT came since the last call, and the descriptor that becomes readable then. */
bool creadline_take_interrupt(void);
int creadline_interrupt_descriptor(void);

/* For the editor: the settings of the terminal at `descriptor` are about to change, or are back (-1). */
void creadline_guard_terminal(int descriptor);

/* ---- output ---- */

/* Gives standard streams that are closed a descriptor on which reading and writing fail: else the next file that is opened,
 * the catalogue perhaps, would get its number, and what is printed. */
void creadline_occupy_standard_descriptors(void);

/* Writes all of `text`; returns 0 or an errno. */
int creadline_write(int descriptor, const char *text, size_t length);

/* Runs `command` in a shell with `text` as its input and waits. Returns false if it could not be started. */
bool creadline_page(const char *command, const char *text, size_t length);

#endif
