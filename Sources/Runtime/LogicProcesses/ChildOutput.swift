import Glibc
import Synchronization

/// The reading ends of a child's standard output and error.
final class ChildOutput: Sendable {
  private let output: Descriptor
  private let error: Descriptor
  /// Closed by `finish` to wake the reading thread.
  private let wakeRead: Descriptor
  private let wakeWrite: Mutex<Descriptor?>

  init(output: Descriptor, error: Descriptor) throws(SpawnError) {
    self.output = output
    self.error = error
    let wake = try Descriptor.pipe()
    wakeRead = wake.read
    wakeWrite = Mutex(wake.write)
  }

  /// Makes `copy` return once it has read what is available. A process that left the group may
  /// hold the streams open for ever.
  func finish() { wakeWrite.withLock { $0 = nil } }

  /// Passes on every line, until both streams end or `finish` is called. Blocks.
  func copy(to write: (OutputLine) -> Void) {
    var streams = [
      (stream: OutputLine.Stream.output, descriptor: output, splitter: LineSplitter()),
      (stream: OutputLine.Stream.error, descriptor: error, splitter: LineSplitter()),
    ]
    var isFinishing = false
    while !streams.isEmpty {
      let ready = poll(streams.map(\.descriptor) + [wakeRead], wait: !isFinishing)
      isFinishing = isFinishing || ready[streams.count]
      for index in streams.indices.reversed() {
        if ready[index], let bytes = streams[index].descriptor.read() {
          let lines = streams[index].splitter.take(bytes)
          for line in lines { write(OutputLine(stream: streams[index].stream, bytes: line)) }
        } else if ready[index] || isFinishing {
          if let rest = streams[index].splitter.finish() {
            write(OutputLine(stream: streams[index].stream, bytes: rest))
          }
          streams.remove(at: index)
        }
      }
    }
  }

  /// For each descriptor: true if it is readable or at its end.
  private func poll(_ descriptors: [Descriptor], wait: Bool) -> [Bool] {
    var requests = descriptors.map { pollfd(fd: $0.number, events: Int16(POLLIN), revents: 0) }
    while Glibc.poll(&requests, nfds_t(requests.count), wait ? -1 : 0) < 0, errno == EINTR {}
    return requests.map { $0.revents != 0 }
  }
}
