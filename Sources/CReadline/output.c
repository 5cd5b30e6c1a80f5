/* Output: see CReadline.h. */
#include "CReadline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

void creadline_occupy_standard_descriptors(void) {
  for (int descriptor = 0; descriptor < 3; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    /* Opened the wrong way round: reading and writing are refused as they were before. */
    int opened = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened < 0 || opened == descriptor) continue;
    dup2(opened, descriptor);
    close(opened);
  }
}

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
    } else if (creadline_ending_signal() != 0) {
      /* Nobody may ever read: as if the reader had gone. */
      return EPIPE;
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
