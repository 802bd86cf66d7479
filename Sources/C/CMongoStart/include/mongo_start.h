#ifndef OUTRIDER_MONGO_START_H
#define OUTRIDER_MONGO_START_H

/// Initialises libmongoc, once. Nothing else does: a constructor of the library calls `mongoc_init`
/// in every process that links it, used or not, and that call has no effect here.
///
/// libmongoc makes no file of performance counters in /dev/shm, and warns of nothing.
void outrider_mongo_start(void);

#endif
