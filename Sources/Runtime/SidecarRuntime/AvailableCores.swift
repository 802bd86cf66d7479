#if canImport(Glibc)
  import Glibc
#endif

/// The cores that this process may use.
let availableCores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
