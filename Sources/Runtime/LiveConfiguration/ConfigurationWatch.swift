import Logging
import SidecarConfiguration
import Timing

/// Reports each new text of the configuration while the process runs. While it is unavailable,
/// nothing changes; that is logged once.
public struct ConfigurationWatch: Sendable {
  /// The state of the text.
  private enum State { case here, gone, unreadable }

  private let text: any WatchedText
  /// The text at the start of the process.
  private let first: ConfigurationFile
  private let logger: Logger
  private let time: Environment

  /// Nil if the text cannot be read a second time, as from a pipe.
  ///
  /// - Parameter file: the text at the start of the process.
  public init?(
    of file: ConfigurationFile, environment: [String: String], logger: Logger
  ) throws(SidecarError) {
    let text: (any WatchedText)?
    switch file.location {
    case .file(let path): text = FileText(path, time: .live)
    case .consul(let key):
      text = ConsulText(try ConsulAgent(key, environment: environment), time: .live)
    }
    guard let text else { return nil }
    self.init(text, after: file, logger: logger, time: .live)
  }

  init(
    _ text: any WatchedText, after first: ConfigurationFile, logger: Logger, time: Environment
  ) {
    self.text = text
    self.first = first
    var logger = logger
    logger[metadataKey: "configuration"] = "\(first.location)"
    self.logger = logger
    self.time = time
  }

  /// Calls `take` with each changed text, until the task is cancelled.
  public func run(_ take: (ConfigurationFile) async -> Void) async {
    var (text, known, state) = (text, first.bytes, State.here)
    var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(10))
    while !Task.isCancelled {
      do {
        let next = try await text.next()
        backoff.reset()
        note(next == nil ? .gone : .here, in: &state)
        guard let next, next != known else { continue }
        known = next
        await take(ConfigurationFile(at: first.location, bytes: next))
      } catch {
        if Task.isCancelled { return }
        note(.unreadable, in: &state, error)
        try? await time.sleep(backoff.next(random: time.random()))
      }
    }
  }

  /// Logs a new state.
  private func note(_ new: State, in state: inout State, _ error: (any Error)? = nil) {
    guard new != state else { return }
    state = new
    switch new {
    case .here: logger.notice("the configuration can be read again")
    case .gone: logger.warning("the configuration was deleted; the one that runs stays")
    case .unreadable:
      logger.warning(
        "the configuration cannot be read; the one that runs stays",
        metadata: error.map { ["error": "\($0)"] })
    }
  }
}
