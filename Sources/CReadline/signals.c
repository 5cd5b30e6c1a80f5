/* The process's signals: see CReadline.h. */
#define _GNU_SOURCE
#include "CReadline.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void (*on_interrupt)(void);
static volatile sig_atomic_t interrupted;
static int wake[2] = {-1, -1};

static struct termios found;
static volatile sig_atomic_t guarded = -1;

/* Seconds that a running command has to end in order. */
enum { grace = 2 };
static volatile sig_atomic_t ending;

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

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, NULL);
  /* Those who start programs from a thread that blocks signals hand that on: nothing would end this process. */
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, signal);
  pthread_sigmask(SIG_UNBLOCK, &action.sa_mask, NULL);
}

/* Ends the process with the status that its parent expects. */
static void end_by(int number) {
  handle(number, SIG_DFL, 0);
  raise(number);
}

static void handle_alarm(int signal) {
  (void)signal;
  end_by(ending);
}

/* Installed with SA_RESETHAND: the second time ends the process at once. */
static void handle_end(int signal) {
  ending = signal;
  if (guarded >= 0) {
    static const char paste_off[] = "\033[?2004l\r\n";
    tcsetattr(guarded, TCSANOW, &found);
    if (write(guarded, paste_off, sizeof paste_off - 1) < 0) { /* the terminal is gone */
    }
    end_by(signal);
  }
  alarm(grace);
  handle_interrupt(signal);
}

static bool is_ignored(int signal) {
  struct sigaction action;
  return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void creadline_install_signals(void (*interrupt)(void)) {
  on_interrupt = interrupt;
  if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) wake[0] = wake[1] = -1;
  /* A shell's background job ignores Ctrl-C; a prompt needs it whatever started it. */
  if (isatty(STDIN_FILENO) || !is_ignored(SIGINT)) handle(SIGINT, handle_interrupt, 0);
  handle(SIGPIPE, handle_pipe, SA_RESTART);
  /* So that a limit on the size of files (ulimit -f) is an error of the write, too. */
  handle(SIGXFSZ, handle_pipe, SA_RESTART);
  handle(SIGALRM, handle_alarm, 0);
  if (!is_ignored(SIGTERM)) handle(SIGTERM, handle_end, (int)SA_RESETHAND);
  if (!is_ignored(SIGHUP)) handle(SIGHUP, handle_end, (int)SA_RESETHAND);
}

int creadline_ending_signal(void) { return ending; }

void creadline_end_by_signal(void) { end_by(ending); }

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
