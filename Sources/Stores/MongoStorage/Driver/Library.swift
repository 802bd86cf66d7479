import CMongoC
import CMongoStart
import LibCrypto
import Synchronization

/// Sets up libmongoc once, before its first use.
enum Library {
  /// Gets libmongoc's log messages of level warning or above.
  typealias Listener = @Sendable (String) -> Void

  private static let listener = Mutex<Listener?>(nil)

  static func start() { _ = isStarted }

  /// The library has one log for the whole process: the last listener gets it.
  static func report(to listener: @escaping Listener) {
    self.listener.withLock { $0 = listener }
    start()
  }

  private static let isStarted: Bool = {
    LibCrypto.start()
    outrider_mongo_start()
    // Called on any thread. Errors of calls are not logged here, but where they are handled.
    mongoc_log_set_handler(
      { level, _, message, _ in
        guard level.rawValue <= MONGOC_LOG_LEVEL_WARNING.rawValue, let message else { return }
        Library.listener.withLock { $0 }?(String(cString: message))
      }, nil)
    return true
  }()
}
