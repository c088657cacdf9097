/*
 * What is in containers that are checkpointed, and at the other end of their
 *sockets: what shell and busybox can't do.
 *
 *	peer terminal SOCKET   takes a terminal from a console socket; copies it
 *to and from stdio peer listen SOCKET     prints each datagram peer send SOCKET
 *sends numbers in datagrams, over one connected socket peer tcp FILE sends
 *numbers to itself, over one connection; the last is in FILE peer count FILE
 *SIZE   counts in FILE, and holds so many bytes that do not change peer lock
 *FILE WORD... becomes this program, with a lock on the file peer within WORD...
 *runs this program in a terminal, and copies what comes out
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void must(const char *what, int result) {
  if (result >= 0)
    return;
  perror(what);
  exit(1);
}

static struct sockaddr_un named(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};

  snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
  return name;
}

/* Until the terminal is closed. */
static void copy(int master) {
  struct pollfd both[2] = {{.fd = 0, .events = POLLIN},
                           {.fd = master, .events = POLLIN}};
  char text[4096];

  while (poll(both, 2, -1) > 0) {
    for (int i = 0; i < 2; i++) {
      ssize_t n = both[i].revents ? read(both[i].fd, text, sizeof(text)) : 0;

      if (both[i].revents && n <= 0 && i == 1)
        return;
      if (both[i].revents && n <= 0)
        both[i].fd = -1;
      if (n > 0)
        must("write", (int)write(i == 0 ? master : 1, text, (size_t)n));
    }
  }
}

static int within(char **words) {
  int master;
  pid_t pid = forkpty(&master, NULL, NULL, NULL);

  must("forkpty", pid);
  if (pid == 0)
    must(words[0], execvp(words[0], words));
  copy(master);
  return 0;
}

static int terminal(const char *path) {
  struct sockaddr_un name = named(path);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  char text[4096];
  char control[CMSG_SPACE(sizeof(int))];
  struct iovec payload = {text, sizeof(text)};
  struct msghdr message = {.msg_iov = &payload,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof(control)};
  int master;
  int client;

  must("bind", bind(server, (struct sockaddr *)&name, sizeof(name)));
  must("listen", listen(server, 1));
  client = accept(server, NULL, NULL);
  must("recvmsg", (int)recvmsg(client, &message, 0));
  memcpy(&master, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
  printf("terminal\n");
  fflush(stdout);
  copy(master);
  return 0;
}

static _Noreturn void datagrams(const char *path, int sends) {
  struct sockaddr_un name = named(path);
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  char text[64];

  if (!sends) {
    must("bind", bind(fd, (struct sockaddr *)&name, sizeof(name)));
    for (;;) {
      ssize_t n = read(fd, text, sizeof(text));

      must("read", (int)n);
      must("write", (int)write(1, text, (size_t)n));
    }
  }
  must("connect", connect(fd, (struct sockaddr *)&name, sizeof(name)));
  for (int i = 0;; i++) {
    int n = snprintf(text, sizeof(text), "%d\n", i);

    must("send", (int)write(fd, text, (size_t)n));
    usleep(50000);
  }
}

/* Of one width: a reader finds a number at any time. */
static void put(int fd, int number) {
  char text[16];

  snprintf(text, sizeof(text), "%-8d\n", number);
  must("write", (int)pwrite(fd, text, strlen(text), 0));
}

static _Noreturn void tcp(const char *path) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(7000)};
  int server = socket(AF_INET, SOCK_STREAM, 0);
  int from = socket(AF_INET, SOCK_STREAM, 0);
  int file = open(path, O_WRONLY | O_CREAT, 0644);
  int to;
  int got;

  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  must("bind", bind(server, (struct sockaddr *)&at, sizeof(at)));
  must("listen", listen(server, 1));
  must("connect", connect(from, (struct sockaddr *)&at, sizeof(at)));
  to = accept(server, NULL, NULL);
  must("accept", to);
  for (int i = 0;; i++) {
    if (send(from, &i, sizeof(i), MSG_NOSIGNAL) != sizeof(i) ||
        recv(to, &got, sizeof(got), MSG_WAITALL) != sizeof(got) || got != i) {
      put(file, -1);
      pause();
    }
    put(file, i);
    usleep(50000);
  }
}

static _Noreturn void count(const char *path, size_t size) {
  int file = open(path, O_WRONLY | O_CREAT, 0644);
  char *held = malloc(size + 1);

  memset(held, 'x', size);
  for (int i = 0;; i++) {
    /* A page that is lost shows. */
    for (size_t at = 0; at < size; at += 1024)
      if (held[at] != 'x')
        exit(1);
    put(file, i);
    usleep(50000);
  }
}

static void lock(const char *path, char **words) {
  int file = open(path, O_RDWR | O_CREAT, 0644);

  must("flock", flock(file, LOCK_EX | LOCK_NB));
  must(words[0], execvp(words[0], words));
}

int main(int argc, char **argv) {
  const char *what = argc < 3 ? "" : argv[1];

  if (!strcmp(what, "terminal"))
    return terminal(argv[2]);
  if (!strcmp(what, "within"))
    return within(argv + 2);
  if (!strcmp(what, "listen"))
    datagrams(argv[2], 0);
  if (!strcmp(what, "send"))
    datagrams(argv[2], 1);
  if (!strcmp(what, "tcp"))
    tcp(argv[2]);
  if (!strcmp(what, "count"))
    count(argv[2], argc > 3 ? strtoul(argv[3], NULL, 10) : 0);
  if (!strcmp(what, "lock"))
    lock(argv[2], argv + 3);
  return 2;
}
