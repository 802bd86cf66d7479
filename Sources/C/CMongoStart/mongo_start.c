#define _GNU_SOURCE
#include "mongo_start.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool wanted;

/// Stands before libmongoc's own `mongoc_init`: an executable's symbols are found before those of
/// its libraries (ELF symbol interposition).
void mongoc_init(void) {
  if (!atomic_load(&wanted)) return;
  void (*init)(void) = (void (*)(void))dlsym(RTLD_NEXT, "mongoc_init");
  if (init) init();
}

static void start(void) {
  setenv("MONGOC_DISABLE_SHM", "1", 0);
  atomic_store(&wanted, 1);
  mongoc_init();
}

void outrider_mongo_start(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
}
