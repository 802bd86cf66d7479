import Glibc
import SidecarConfiguration
import Timing

/// A text that changes from outside.
protocol WatchedText: Sendable {
  /// The text, after a possible change or a while; nil: it was deleted. Throws if it cannot be
  /// read, and if the task is cancelled.
  mutating func next() async throws -> [UInt8]?
}

/// A file, polled every few seconds: a mounted config map changes no more often.
struct FileText: WatchedText {
  private static let interval = Duration.seconds(2)

  private let path: String
  private let time: Environment

  /// Nil unless it is a regular file: a pipe can be read only once.
  init?(_ path: String, time: Environment) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.path = path
    self.time = time
  }

  /// Returns the text once two looks in a row agree, since editors may write a file in pieces.
  func next() async throws -> [UInt8]? {
    var last: [UInt8]?
    while true {
      try await time.sleep(Self.interval)
      let bytes = try ConfigurationFile.read(path, namedBy: nil).bytes
      if bytes == last { return bytes }
      last = bytes
    }
  }
}

/// A key of Consul's, read by blocking queries.
struct ConsulText: WatchedText {
  /// The longest wait of the agent for a change.
  private static let wait = Duration.seconds(60)
  /// The least pause between two queries.
  private static let pause = Duration.milliseconds(250)

  private let agent: ConsulAgent
  private let time: Environment
  private var query = BlockingQuery()

  init(_ agent: ConsulAgent, time: Environment) {
    self.agent = agent
    self.time = time
  }

  mutating func next() async throws -> [UInt8]? {
    if query.index > 0 { try await time.sleep(Self.pause) }
    do {
      let answer = try await agent.read(after: query.index, wait: Self.wait)
      query.take(answer.index)
      return answer.value
    } catch {
      query.reset()
      throw error
    }
  }
}
