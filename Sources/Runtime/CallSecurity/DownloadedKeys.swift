import Logging
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration
import Synchronization
import Timing

/// The token keys of an issuer, from its web address (RFC 7517 section 5).
///
/// Issuers rotate their keys, so the keys are downloaded at the start, periodically, and soon
/// after a token signed by an unknown key. While a download fails, the old keys stay.
final class DownloadedKeys: TokenKeySupply, ServiceLifecycle.Service {
  private struct State {
    var keys: TokenKeys?
    var bytes: [UInt8] = []
    /// Why the last download failed; nil if it succeeded.
    var failure: String?
    var asked: ContinuousClock.Instant?
    var asking: Task<Void, Never>?
  }

  private static let interval = Duration.seconds(300)
  /// Pause between downloads, however many tokens arrive.
  private static let intervalMin = Duration.seconds(5)
  /// Pause between downloads before the first keys.
  private static let firstInterval = Duration.seconds(1)

  private let download: Download
  private let settings: Configuration.Tokens
  private let logger: Logger
  private let state = Mutex(State())

  init(
    _ address: WebAddress, _ settings: Configuration.Tokens, _ logger: Logger
  ) throws(SidecarError) {
    do throws(TransportError) {
      download = try Download(address, trusting: settings.keysAuthorities)
    } catch {
      throw SidecarError(file: "tokens.keys-authorities", error)
    }
    self.settings = settings
    self.logger = logger
  }

  /// Keeps the keys fresh until shutdown.
  func run() async throws {
    try? await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        await ask().value
        try await Environment.live.sleep(pause)
      }
    }
  }

  private var pause: Duration {
    state.withLock { state in
      if state.keys == nil { return Self.firstInterval }
      return state.failure == nil ? Self.interval : Self.intervalMin
    }
  }

  func current() throws(RPCStatus) -> TokenKeys {
    let (keys, failure) = state.withLock { ($0.keys, $0.failure) }
    guard let keys else {
      let reason = failure.map { ": \($0)" } ?? ""
      throw RPCStatus(.unavailable, "the keys that check tokens are not here yet\(reason)")
    }
    return keys
  }

  func newer(than old: TokenKeys) async -> TokenKeys? {
    let (keys, isTooSoon) = state.withLock { state in
      let isRecent =
        state.asked.map { $0.duration(to: Environment.live.instant()) < Self.intervalMin } ?? false
      return (state.keys, isRecent && state.asking == nil)
    }
    if keys === old, !isTooSoon { await ask().value }
    let newer = state.withLock { $0.keys }
    return newer === old ? nil : newer
  }

  /// Downloads the keys, or joins the download in progress.
  private func ask() -> Task<Void, Never> {
    state.withLock { state in
      if let task = state.asking { return task }
      state.asked = Environment.live.instant()
      let task = Task { [self] in await refresh() }
      state.asking = task
      return task
    }
  }

  private func refresh() async {
    do {
      let bytes = try await download.get()
      let known = state.withLock { $0.bytes }
      let keys = try bytes == known ? nil : TokenKeys(bytes, settings)
      state.withLock { state in
        (state.asking, state.failure) = (nil, nil)
        guard let keys else { return }
        (state.keys, state.bytes) = (keys, bytes)
      }
      if keys != nil { logger.info("the token keys of \(download.address) are here") }
    } catch {
      let failure = "\(download.address): \(error)"
      let (isNew, hadKeys) = state.withLock { state in
        defer { (state.asking, state.failure) = (nil, failure) }
        return (state.failure != failure, state.keys != nil)
      }
      // Logged once, however often it recurs.
      guard isNew else { return }
      let what = hadKeys ? "the old token keys stay" : "there are no token keys yet"
      logger.warning("\(what): \(failure)")
    }
  }
}
