/* The line editor: see CReadline.h. */
#define _GNU_SOURCE
#include "CReadline.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

static char *line;
static char *offer;
static int outcome;
static int interrupts_sent;
static volatile sig_atomic_t stop_requested;

static void (*completer)(void);
static char **candidates;
static size_t candidate_count, candidate_room, candidate_start;
static bool candidate_space;

/* ---- reading keys ---- */

static void on_stop(int signal) {
  (void)signal;
  stop_requested = 1;
}

static void watch_stop(bool watch) {
  struct sigaction action = {0};
  action.sa_handler = watch ? on_stop : SIG_DFL;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, NULL);
}

/* Ctrl-Z at the prompt: the shell that started us gets the terminal as it was. */
static void stop_here(void) {
  stop_requested = 0;
  rl_deprep_terminal();
  watch_stop(false);
  raise(SIGTSTP);
  watch_stop(true);
  rl_prep_terminal(1);
  rl_forced_update_display();
}

static void follow_window_size(void) {
  struct winsize size;
  int rows, columns;
  if (ioctl(fileno(rl_instream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return;
  rl_get_screen_size(&rows, &columns);
  /* In fewer than 12 columns readline divides by zero when it lists candidates: there it is told of more than there are. */
  if (size.ws_col < 12 || size.ws_row < 2) {
    int shown_rows = size.ws_row < 2 ? 2 : size.ws_row;
    int shown_columns = size.ws_col < 12 ? 12 : size.ws_col;
    if (rows != shown_rows || columns != shown_columns) rl_set_screen_size(shown_rows, shown_columns);
    return;
  }
  if (rows != size.ws_row || columns != size.ws_col) rl_resize_terminal();
}

/* Empties the line and ends it. Inside a search or a paste readline asks for more keys; from the third time on it is told
 * that there are none, which ends those loops too. */
static int send_interrupt(void) {
  outcome = CREADLINE_INTERRUPTED;
  if (interrupts_sent == 0) fputs("^C", rl_outstream);
  interrupts_sent += 1;
  rl_replace_line("", 0);
  rl_point = rl_mark = 0;
  return interrupts_sent < 3 ? '\n' : EOF;
}

static int read_key(FILE *stream) {
  for (;;) {
    if (outcome == CREADLINE_INTERRUPTED || creadline_take_interrupt()) return send_interrupt();
    if (stop_requested) stop_here();
    follow_window_size();
    struct pollfd sources[2] = {
        {.fd = fileno(stream), .events = POLLIN},
        {.fd = creadline_interrupt_descriptor(), .events = POLLIN},
    };
    /* The handler of SIGTSTP or SIGWINCH may run on another thread, where it does not end this wait: look again soon. */
    int ready = poll(sources, 2, 200);
    if (ready < 0 && errno != EINTR) return EOF;
    if (ready <= 0 || sources[0].revents == 0) continue;
    unsigned char key;
    ssize_t count = read(fileno(stream), &key, 1);
    if (count == 1) return key;
    if (count == 0 || (errno != EINTR && errno != EAGAIN)) return EOF;
  }
}

/* ---- completion ---- */

/* An empty set: what readline takes for the word is the whole line up to the cursor, and the start is ours to choose. */
static char *no_word_breaks(void) {
  static char none[] = "";
  return none;
}

static void drop_candidates(void) {
  for (size_t i = 0; i < candidate_count; i++) free(candidates[i]);
  free(candidates);
  candidates = NULL;
  candidate_count = candidate_room = 0;
}

/* Length of what all candidates begin with, cut at a whole UTF-8 character. */
static size_t common_length(void) {
  size_t length = strlen(candidates[0]);
  for (size_t i = 1; i < candidate_count; i++) {
    size_t same = 0;
    while (same < length && candidates[i][same] == candidates[0][same]) same++;
    length = same;
  }
  while (length > 0 && ((unsigned char)candidates[0][length] & 0xc0) == 0x80) length--;
  return length;
}

/* `prefix` bytes of the line, then `length` bytes of `text`. */
static char *joined(size_t prefix, const char *text, size_t length) {
  char *out = malloc(prefix + length + 1);
  if (!out) return NULL;
  memcpy(out, rl_line_buffer, prefix);
  memcpy(out + prefix, text, length);
  out[prefix + length] = 0;
  return out;
}

static char **complete(const char *text, int start, int end) {
  (void)text;
  (void)start;
  (void)end;
  rl_attempted_completion_over = 1;
  drop_candidates();
  candidate_start = (size_t)rl_point;
  candidate_space = true;
  if (completer) completer();
  if (candidate_count == 0 || candidate_start > (size_t)rl_point) return NULL;

  /* A lone match is [match, NULL]; several are [common beginning, match, match, ..., NULL]. */
  bool alone = candidate_count == 1;
  char **matches = calloc(candidate_count + 2, sizeof *matches);
  if (!matches) return NULL;
  size_t common = alone ? strlen(candidates[0]) : common_length();
  /* Completion never takes away what was typed: candidates that differ from it (in case, say) are only listed. */
  size_t typed = (size_t)rl_point - candidate_start;
  matches[0] = !alone && common < typed ? joined((size_t)rl_point, "", 0) : joined(candidate_start, candidates[0], common);
  if (!alone)
    for (size_t i = 0; i < candidate_count; i++)
      matches[i + 1] = joined(candidate_start, candidates[i], strlen(candidates[i]));
  rl_completion_append_character = candidate_space ? ' ' : '\0';
  return matches;
}

/* Lists the candidates without the line in front of them, and says how many it leaves out. */
static void show_matches(char **matches, int count, int longest) {
  enum { most = 100 };
  int shown = count > most ? most : count;
  (void)longest;
  char **list = calloc((size_t)shown + 2, sizeof *list);
  if (!list) return;
  int widest = 0;
  list[0] = matches[0];
  for (int i = 1; i <= shown; i++) {
    size_t length = strlen(matches[i]);
    list[i] = matches[i] + (candidate_start < length ? candidate_start : length);
    int width = (int)strlen(list[i]);
    if (width > widest) widest = width;
  }
  rl_display_match_list(list, shown, widest);
  if (shown < count) fprintf(rl_outstream, "%d of %d shown; type more\n", shown, count);
  free(list);
  rl_forced_update_display();
}

/* ---- history ---- */

static int search_back(int count, int key);
static int search_on(int count, int key);

/* readline's search for entries that begin with what was typed leaves the cursor behind that text; here it goes to the
   end of the line, where one types on. A search goes on only while readline sees its own functions follow each other. */
static int search_history(rl_command_func_t *search, int count, int key) {
  int before = rl_point;
  if (rl_last_func == search_back || rl_last_func == search_on) rl_last_func = search;
  int missed = search(count, key);
  rl_point = missed ? before : rl_end;
  return missed;
}

static int search_back(int count, int key) { return search_history(rl_history_search_backward, count, key); }
static int search_on(int count, int key) { return search_history(rl_history_search_forward, count, key); }

/* ---- the interface ---- */

static FILE *stream_for(int descriptor, const char *mode, FILE *standard) {
  if (descriptor == fileno(standard)) return standard;
  FILE *stream = fdopen(descriptor, mode);
  return stream ? stream : standard;
}

/* Runs before the first key; the line is drawn with what it holds then. */
static int insert_offer(void) {
  if (offer) rl_insert_text(offer);
  free(offer);
  offer = NULL;
  return 0;
}

void creadline_start(const char *name, int input, int output) {
  static bool started = false;
  if (started) return;
  started = true;
  rl_instream = stream_for(input, "r", stdin);
  rl_outstream = output == STDERR_FILENO ? stderr : stream_for(output, "w", stdout);
  setlocale(LC_CTYPE, "");
  /* Where nobody chose a locale, text is still UTF-8. */
  if (!getenv("LC_ALL") && !getenv("LC_CTYPE") && !getenv("LANG")) setlocale(LC_CTYPE, "C.UTF-8");
  rl_readline_name = strdup(name);
  rl_catch_signals = 0;
  rl_change_environment = 0;
  rl_getc_function = read_key;
  rl_completion_word_break_hook = no_word_breaks;
  rl_attempted_completion_function = complete;
  rl_completion_display_matches_hook = show_matches;
  rl_startup_hook = insert_offer;
  rl_sort_completion_matches = 0;
  rl_ignore_completion_duplicates = 0;
  rl_variable_bind("enable-bracketed-paste", "on");
  /* Inside a word: what is completed is not put a second time before the letters that are there. */
  rl_variable_bind("skip-completed-text", "on");
  /* Up and Down go through the entries that begin with what is typed; the user's inputrc, read later, may say otherwise. */
  rl_bind_keyseq_if_unbound("\\e[A", search_back);
  rl_bind_keyseq_if_unbound("\\eOA", search_back);
  rl_bind_keyseq_if_unbound("\\e[B", search_on);
  rl_bind_keyseq_if_unbound("\\eOB", search_on);
  using_history();
}

void creadline_offer(const char *text) {
  free(offer);
  offer = strdup(text);
}

int creadline_read(const char *prompt) {
  free(line);
  line = NULL;
  outcome = CREADLINE_LINE;
  interrupts_sent = 0;
  stop_requested = 0;
  creadline_take_interrupt();
  creadline_guard_terminal(fileno(rl_instream));
  watch_stop(true);
  line = readline(prompt);
  watch_stop(false);
  creadline_guard_terminal(-1);
  if (outcome == CREADLINE_INTERRUPTED) return outcome;
  /* readline ends the prompt's line at Ctrl-D only where it also ends bracketed paste. */
  const char *paste = rl_variable_value("enable-bracketed-paste");
  if (!line && !(paste && strcmp(paste, "on") == 0)) {
    fputc('\n', rl_outstream);
    fflush(rl_outstream);
  }
  return line ? CREADLINE_LINE : CREADLINE_END;
}

const char *creadline_line(void) { return line ? line : ""; }

void creadline_set_completer(void (*function)(void)) { completer = function; }

const char *creadline_buffer(void) { return rl_line_buffer ? rl_line_buffer : ""; }

size_t creadline_cursor(void) { return (size_t)rl_point; }

void creadline_begin_candidates(size_t start, bool append_space) {
  drop_candidates();
  candidate_start = start;
  candidate_space = append_space;
}

void creadline_add_candidate(const char *text) {
  if (candidate_count == candidate_room) {
    size_t room = candidate_room ? candidate_room * 2 : 16;
    char **larger = realloc(candidates, room * sizeof *larger);
    if (!larger) return;
    candidates = larger;
    candidate_room = room;
  }
  char *copy = strdup(text);
  if (copy) candidates[candidate_count++] = copy;
}

bool creadline_keys_are_waiting(int descriptor) {
  struct termios settings;
  if (tcgetattr(descriptor, &settings) != 0) return false;
  struct termios raw = settings;
  /* By lines, the system counts ended lines alone. */
  raw.c_lflag &= ~(tcflag_t)ICANON;
  if (tcsetattr(descriptor, TCSANOW, &raw) != 0) return false;
  int waiting = 0;
  if (ioctl(descriptor, FIONREAD, &waiting) != 0) waiting = 0;
  tcsetattr(descriptor, TCSANOW, &settings);
  return waiting > 0;
}

void creadline_add_history(const char *entry) { add_history(entry); }

void creadline_limit_history(int count) { stifle_history(count); }
