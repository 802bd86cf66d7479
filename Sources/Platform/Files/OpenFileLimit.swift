#if canImport(Glibc)
  import Glibc
  private let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
  import Darwin
  private let resource = RLIMIT_NOFILE
#endif

/// This process's limit of open files and sockets (getrlimit(2), `RLIMIT_NOFILE`).
public enum OpenFileLimit {
  /// As many may be open now; nil if the system does not tell.
  public static var current: UInt64? { limits.map { UInt64($0.rlim_cur) } }

  /// Raises the limit to `wanted`, or as far as the system lets a process that asks. Never lowers
  /// it.
  public static func raise(to wanted: UInt64) {
    guard var limits else { return }
    let raised = min(limits.rlim_max, rlim_t(wanted))
    guard limits.rlim_cur < raised else { return }
    limits.rlim_cur = raised
    setrlimit(resource, &limits)
  }

  private static var limits: rlimit? {
    var limits = rlimit()
    return getrlimit(resource, &limits) == 0 ? limits : nil
  }
}
