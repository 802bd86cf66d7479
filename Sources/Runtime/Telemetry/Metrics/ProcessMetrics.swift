import Files
import Glibc
import Metrics

/// Resource usage of this process, under Prometheus's standard names.
struct ProcessMetrics: Sendable {
  /// The executable's semantic version.
  let version: String
  private let started = seconds(of: CLOCK_REALTIME)

  /// Create it at the start of the process.
  init(version: String) { self.version = version }

  func write(to exposition: inout Exposition) {
    exposition.family("outrider_build_info", .gauge, "Always 1; the version is a label.") {
      $0.add(1, ["version": version])
    }
    exposition.family(
      "process_cpu_seconds_total", .counter, "Processor time, of users and of the system."
    ) { $0.add(seconds: seconds(of: CLOCK_PROCESS_CPUTIME_ID)) }
    exposition.family(
      "process_start_time_seconds", .gauge, "When the process began, in seconds since 1970."
    ) { $0.add(seconds: started) }
    exposition.family("process_resident_memory_bytes", .gauge, "Memory that is resident.") {
      if let bytes = residentBytes { $0.add(bytes) }
    }
    exposition.family("process_open_fds", .gauge, "Open files, sockets among them.") {
      if let count = openFileCount { $0.add(count) }
    }
    exposition.family("process_max_fds", .gauge, "As many files may be open.") {
      if let limit = OpenFileLimit.current { $0.add(limit) }
    }
  }
}

private func seconds(of clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The second number of `/proc/self/statm` counts pages; see proc(5).
private var residentBytes: UInt64? {
  guard let file = fopen("/proc/self/statm", "re") else { return nil }
  defer { fclose(file) }
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, Int32(line.count), file) != nil else { return nil }
  let numbers = line.prefix { $0 != 0 }.split(separator: CChar(UInt8(ascii: " ")))
  guard numbers.count > 1 else { return nil }
  let pages = String(decoding: numbers[1].map(UInt8.init(bitPattern:)), as: UTF8.self)
  return UInt64(pages).map { $0 * UInt64(getpagesize()) }
}

private var openFileCount: UInt64? {
  guard let directory = opendir("/proc/self/fd") else { return nil }
  defer { closedir(directory) }
  var count: UInt64 = 0
  while readdir(directory) != nil { count += 1 }
  // Not counting ".", "..", and the descriptor that lists them.
  return count < 3 ? nil : count - 3
}
