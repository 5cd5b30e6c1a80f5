/* The process's signals: see CReadline.h. */
#define _GNU_SOURCE
#include "CReadline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void (*on_interrupt)(void);
static volatile sig_atomic_t interrupted;
static int wake[2] = {-1, -1};

static struct termios found;
static volatile sig_atomic_t guarded = -1;

static void handle_interrupt(int signal) {
  int saved = errno;
  (void)signal;
  interrupted = 1;
  if (on_interrupt) on_interrupt();
  if (wake[1] >= 0 && write(wake[1], "!", 1) < 0) { /* a full pipe is readable already */
  }
  errno = saved;
}

/* A handler instead of SIG_IGN: it is back to the default in programs that we start, as they expect. */
static void handle_pipe(int signal) { (void)signal; }

static void handle_end(int signal) {
  if (guarded >= 0) {
    static const char paste_off[] = "\033[?2004l\r\n";
    tcsetattr(guarded, TCSANOW, &found);
    if (write(guarded, paste_off, sizeof paste_off - 1) < 0) { /* the terminal is gone */
    }
  }
  /* Installed with SA_RESETHAND: the second time ends the process with the status that its parent expects. */
  raise(signal);
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
}

void creadline_install_signals(void (*interrupt)(void)) {
  on_interrupt = interrupt;
  if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) wake[0] = wake[1] = -1;
  handle(SIGINT, handle_interrupt, 0);
  handle(SIGPIPE, handle_pipe, SA_RESTART);
  handle(SIGTERM, handle_end, (int)SA_RESETHAND);
  handle(SIGHUP, handle_end, (int)SA_RESETHAND);
}

bool creadline_take_interrupt(void) {
  char rest[64];
  while (wake[0] >= 0 && read(wake[0], rest, sizeof rest) > 0) {
  }
  bool was = interrupted;
  interrupted = 0;
  return was;
}

int creadline_interrupt_descriptor(void) { return wake[0]; }

void creadline_guard_terminal(int descriptor) {
  guarded = -1;
  if (descriptor >= 0 && tcgetattr(descriptor, &found) == 0) guarded = descriptor;
}
