/* Put before libc (LD_PRELOAD) of a run: keeps of the ledger's files what has reached the disk for sure, which is what was in
 * them at their last sync, and kills the process before the n-th sync or write of them. For the torture only.
 *
 * CRASH_DISK  folder of the copies
 * CRASH_AT    `disk.sync:n` or `disk.write:n`; every other point is another program's
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, COPY_BYTES = 1 << 16 };

static long syncs, writes;
/* Threads of the program sync at the same time: one copies at a time, into one buffer. */
static volatile int keeping;

/* "" for the ledger, "-wal" for its log, "-journal" for what it has before that, ".part" for a new one that is not in its
 * place yet, NULL for others. */
static const char *end_of_path(const char *path) {
  const char *name = strrchr(path, '/');
  if (name == NULL) return NULL;
  size_t size = strlen(name);
  if (strncmp(name, "/ledger.sqlite.", 15) == 0 && size > 4 && strcmp(name + size - 4, ".new") == 0) return ".part";
  if (strcmp(name, "/ledger.sqlite") == 0) return "";
  if (strcmp(name, "/ledger.sqlite-wal") == 0) return "-wal";
  if (strcmp(name, "/ledger.sqlite-journal") == 0) return "-journal";
  return NULL;
}

static const char *end_of_file(int fd) {
  char link[64], path[PATH_BYTES];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return NULL;
  path[size] = 0;
  return end_of_path(path);
}

static void strike_at(const char *point, long passed) {
  const char *at = getenv("CRASH_AT");
  size_t size = strlen(point);
  if (at == NULL || strncmp(at, point, size) != 0 || at[size] != ':') return;
  if (atol(at + size + 1) == passed) kill(getpid(), SIGKILL);
}

/* Read through the descriptor itself: closing another one would drop SQLite's locks on the file. */
static void copy_of(int fd, const char *end) {
  const char *folder = getenv("CRASH_DISK");
  char path[PATH_BYTES], beside[PATH_BYTES + 8];
  static char block[COPY_BYTES];
  if (folder == NULL) return;
  snprintf(path, sizeof path, "%s/disk%s", folder, end);
  snprintf(beside, sizeof beside, "%s.new", path);
  int to = open(beside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (to < 0) return;
  off_t at = 0;
  for (ssize_t size; (size = pread(fd, block, sizeof block, at)) > 0; at += size) {
    if (write(to, block, (size_t)size) != size) abort();
  }
  close(to);
  rename(beside, path);
}

static void keep(int fd, const char *end) {
  while (__sync_lock_test_and_set(&keeping, 1)) usleep(100);
  copy_of(fd, end);
  __sync_lock_release(&keeping);
}

static int synced(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *end = end_of_file(fd);
  if (end != NULL) strike_at("disk.sync", ++syncs);
  int result = real(fd);
  if (end != NULL && result == 0) keep(fd, end);
  return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }

static ssize_t written(const char *name, int fd, const void *data, size_t size, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) =
      (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);
  if (end_of_file(fd) != NULL) strike_at("disk.write", ++writes);
  return real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return written("pwrite", fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  return written("pwrite64", fd, data, size, at);
}

/* The log is taken away when the ledger is closed; the next one of that name is another file. */
int unlink(const char *path) {
  int (*real)(const char *) = (int (*)(const char *))dlsym(RTLD_NEXT, "unlink");
  const char *end = end_of_path(path), *folder = getenv("CRASH_DISK");
  int result = real(path);
  if (end != NULL && folder != NULL && result == 0) {
    char copy[PATH_BYTES];
    snprintf(copy, sizeof copy, "%s/disk%s", folder, end);
    real(copy);
  }
  return result;
}

/* A new ledger is put in its place whole: what was synced under its first name is on the disk under the second. */
static int named(const char *name, const char *from, const char *path) {
  int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, name);
  const char *before = end_of_path(from), *after = end_of_path(path), *folder = getenv("CRASH_DISK");
  int result = real(from, path);
  if (result == 0 && folder != NULL && before != NULL && after != NULL && strcmp(before, ".part") == 0) {
    char part[PATH_BYTES], copy[PATH_BYTES];
    snprintf(part, sizeof part, "%s/disk.part", folder);
    snprintf(copy, sizeof copy, "%s/disk%s", folder, after);
    int (*move)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    move(part, copy);
  }
  return result;
}

int link(const char *from, const char *path) { return named("link", from, path); }
