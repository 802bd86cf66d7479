// glibc's settings of its allocator, which the Glibc module leaves out.
#ifdef __linux__
#include <malloc.h>
#endif
