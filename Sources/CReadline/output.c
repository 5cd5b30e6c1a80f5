/* Output: see CReadline.h. */
#include "CReadline.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int creadline_write(int descriptor, const char *text, size_t length) {
  size_t done = 0;
  while (done < length) {
    ssize_t count = write(descriptor, text + done, length - done);
    if (count >= 0) {
      done += (size_t)count;
    } else if (errno == EAGAIN) {
      /* Someone else made the descriptor non-blocking: wait until it takes more. */
      struct pollfd waiting = {.fd = descriptor, .events = POLLOUT};
      poll(&waiting, 1, 100);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/* popen keeps the pager in our process group, so that it may read keys from the terminal. */
bool creadline_page(const char *command, const char *text, size_t length) {
  FILE *pager = popen(command, "w");
  if (!pager) return false;
  /* An error means that the user left the pager before the end. */
  creadline_write(fileno(pager), text, length);
  int status = pclose(pager);
  /* 126 and 127 are the shell's words for a program that it could not run. */
  int code = status >= 0 ? (status >> 8) & 0xff : 0;
  return code != 126 && code != 127;
}
