import Glibc

/// How many files and sockets the system lets this process have open (getrlimit(2),
/// `RLIMIT_NOFILE`).
enum DescriptorLimit {
  /// What the store, its files and the calls to logic take, at least.
  private static let othersMin = 128

  /// Connections for which there is room beside a quarter for all else.
  static var connectionsMax: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    let all = Int(clamping: limit.rlim_cur)
    return max(all - max(all / 4, othersMin), 1)
  }
}
