import Glibc

/// This process's limit of open files and sockets (getrlimit(2), `RLIMIT_NOFILE`).
enum DescriptorLimit {
  /// The least that the store, its files and the calls to logic need.
  private static let othersMin = 128

  /// The connections that fit, after a quarter is set aside for the rest.
  static var connectionsMax: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    let all = Int(clamping: limit.rlim_cur)
    return max(all - max(all / 4, othersMin), 1)
  }
}
