/* Loaded before the C library: of the threads that the executable starts, so many live at a time, and no more. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/auxv.h>

typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

struct start {
  void *(*routine)(void *);
  void *argument;
};

static atomic_int alive;

/* Not one of a library's own, such as the workers of tasks, which wait for better times. */
static int is_of_the_executable(void *caller) {
  Dl_info of_caller, of_executable;
  return dladdr(caller, &of_caller) && dladdr((void *)getauxval(AT_ENTRY), &of_executable) &&
         of_caller.dli_fbase == of_executable.dli_fbase;
}

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  void *result = start.routine(start.argument);
  atomic_fetch_sub(&alive, 1);
  return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*routine)(void *), void *argument) {
  create *real = (create *)dlsym(RTLD_NEXT, "pthread_create");
  if (!is_of_the_executable(__builtin_return_address(0))) return real(thread, attributes, routine, argument);
  if (atomic_fetch_add(&alive, 1) >= atoi(getenv("THREADS_MAX"))) {
    atomic_fetch_sub(&alive, 1);
    return EAGAIN;
  }
  struct start *start = malloc(sizeof *start);
  *start = (struct start){routine, argument};
  return real(thread, attributes, run, start);
}
