/* Shifts the wall clock of a process by the seconds in the file that CLOCK_SHIFT names; read anew
   twice a second. Clocks that only measure (CLOCK_MONOTONIC) stay right, as when an administrator
   or NTP sets a machine's clock. Built and preloaded by bench/fault_place.py; libfaketime breaks
   clock_nanosleep of Python 3.11. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static int (*real_clock)(clockid_t, struct timespec *);

static long shift(void) {
  static long seconds, looked = -1;
  struct timespec now;
  real_clock(CLOCK_MONOTONIC, &now);
  long tick = now.tv_sec * 2 + now.tv_nsec / 500000000;
  if (tick != looked) {
    const char *path = getenv("CLOCK_SHIFT");
    FILE *file = path ? fopen(path, "r") : NULL;
    long found = 0;
    if (file) { if (fscanf(file, "%ld", &found) == 1) seconds = found; fclose(file); }
    looked = tick;
  }
  return seconds;
}

int clock_gettime(clockid_t id, struct timespec *at) {
  if (!real_clock) real_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_clock(id, at);
  if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += shift();
  return result;
}

int gettimeofday(struct timeval *at, void *zone) {
  struct timespec now;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
