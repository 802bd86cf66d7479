import NIOCore
import RPC

/// Picks a connection for each call, on one event loop: round robin over the ready ones. Without
/// any, calls wait until the first server is ready or each has failed.
///
/// A call triggers connecting to servers that are not ready, but does not wait for them if another
/// is ready. So a server that is down or silent delays no call, and rejoins once it is back.
///
/// A server whose connections are full gets another, up to `connectionsMax`. That one lasts as
/// long as its socket, and is reopened only on demand.
///
/// `@unchecked Sendable`: all but the constants is touched only on the loop's thread.
final class ConnectionPicker: @unchecked Sendable {
  let loop: LoopExecutor
  let configuration: HTTP2ChannelConfiguration
  private let policy: BalancedChannel.Policy
  private(set) var keepers: [ConnectionKeeper] = []
  /// Ready connections.
  private var ready: [ClientConnection] = []
  /// Index of the last pick.
  private var turn = 0
  /// Additional connections, opened when all of `ready` are full.
  private var more: [ConnectionKeeper] = []
  private var calls: [ObjectIdentifier: ClientStream] = [:]
  /// Removed servers, whose running calls may continue.
  private var retired: [ConnectionKeeper] = []
  private var serverFailed: @Sendable () -> Void = {}
  private var isClosed = false

  init(
    _ targets: [Address], _ policy: BalancedChannel.Policy,
    _ configuration: HTTP2ChannelConfiguration, _ loop: LoopExecutor
  ) {
    self.policy = policy
    self.configuration = configuration
    self.loop = loop
    keepers = targets.map { ConnectionKeeper($0, self) }
  }

  /// Opens the call's stream, now or once there is a connection; else ends the call with
  /// UNAVAILABLE.
  func start(_ call: ClientStream) { start(call, mayGrow: true) }

  private func start(_ call: ClientStream, mayGrow: Bool) {
    if ready.count < keepers.count { connect() }
    if let connection = next() ?? (mayGrow && grows() ? nil : nextOfAll()) {
      call.open(on: connection)
    } else if isClosed {
      call.end(.channelClosed)
    } else if let failure, !call.options.waitForReady {
      call.end(failure)
    } else {
      calls[ObjectIdentifier(call)] = call
    }
  }

  /// Removes a waiting call that has ended.
  func forget(_ call: ClientStream) {
    calls[ObjectIdentifier(call)] = nil
  }

  /// Replaces the servers, keeping connections to those that stay. Calls to removed servers may
  /// run for the grace.
  ///
  /// - Parameter serverFailed: called for each connection that was lost or failed.
  func replace(
    by targets: [Address], grace: Duration, serverFailed: @escaping @Sendable () -> Void
  ) {
    guard !isClosed else { return }
    self.serverFailed = serverFailed
    var old = Dictionary(uniqueKeysWithValues: keepers.map { ($0.target, $0) })
    var seen: Set<Address> = []
    keepers = targets.filter { seen.insert($0).inserted }.map { target in
      old.removeValue(forKey: target) ?? ConnectionKeeper(target, self)
    }
    for keeper in old.values { retire(keeper, grace) }
    for keeper in more where !seen.contains(keeper.target) { retire(keeper, grace) }
    more.removeAll { !seen.contains($0.target) }
    if !calls.isEmpty { connect() }
  }

  /// Ends every call with UNAVAILABLE, and connects no more.
  func close() {
    isClosed = true
    let all = keepers + more + retired
    (keepers, more, retired, ready) = ([], [], [], [])
    for keeper in all { keeper.close() }
    endCalls(.channelClosed) { _ in true }
  }

  // MARK: Reports of a keeper

  func connectionIsReady(_ connection: ClientConnection) {
    if !isOneMore(connection.keeper) { ready.append(connection) }
    startWaiting(mayGrow: true)
  }

  func connectionIsGone(_ connection: ClientConnection) {
    ready.removeAll { $0 === connection }
    serverFailed()
  }

  func attemptFailed(_ keeper: ConnectionKeeper) {
    serverFailed()
    if isOneMore(keeper), !ready.isEmpty { return startWaiting(mayGrow: false) }
    if let failure { endCalls(failure) { !$0.options.waitForReady } }
    if hasCalls { connect() }
  }

  /// True if calls wait for a connection.
  var hasCalls: Bool { !calls.isEmpty }

  /// Connects to all servers that are not ready, or only to the first with pick-first.
  func connect() {
    switch policy {
    case .roundRobin: for keeper in keepers where keeper.isIdle { keeper.connect() }
    case .pickFirst:
      guard ready.isEmpty, !keepers.contains(where: \.isConnecting) else { return }
      keepers.first(where: \.isIdle)?.connect()
    }
  }

  /// The next connection with room.
  private func next() -> ClientConnection? {
    for _ in ready.indices {
      if let connection = nextOfAll(), connection.session.hasRoomForStream { return connection }
    }
    return more.lazy.compactMap(\.connection).first { $0.session.hasRoomForStream }
  }

  private func nextOfAll() -> ClientConnection? {
    guard !ready.isEmpty else { return nil }
    turn = turn + 1 < ready.count ? turn + 1 : 0
    return ready[turn]
  }

  private func startWaiting(mayGrow: Bool) {
    let waiting = calls.values
    calls = [:]
    for call in waiting { start(call, mayGrow: mayGrow) }
  }

  // MARK: More connections

  private func isOneMore(_ keeper: ConnectionKeeper) -> Bool { more.contains { $0 === keeper } }

  /// Opens another connection to a server whose connections are full. False at the limit, or if
  /// the last attempt has just failed.
  private func grows() -> Bool {
    guard let full = nextOfAll() else { return false }
    if more.contains(where: \.isConnecting) { return true }
    if more.contains(where: \.isWaiting) { return false }
    if let idle = more.first(where: \.isIdle) {
      idle.connect()
      return true
    }
    guard more.count < (configuration.connectionsMax - 1) * keepers.count else { return false }
    let keeper = ConnectionKeeper(full.keeper.target, self)
    more.append(keeper)
    keeper.connect()
    return true
  }

  /// Why waiting calls fail; nil while a server may still become ready.
  private var failure: RPCStatus? {
    var failure = RPCStatus.noServer
    for keeper in keepers {
      guard let reason = keeper.failure else { return nil }
      failure = reason
    }
    return failure
  }

  private func endCalls(_ status: RPCStatus, where isMeant: (ClientStream) -> Bool) {
    for call in calls.values where isMeant(call) {
      calls[ObjectIdentifier(call)] = nil
      call.end(status)
    }
  }

  private func retire(_ keeper: ConnectionKeeper, _ grace: Duration) {
    retired.append(keeper)
    ready.removeAll { $0 === keeper.connection }
    keeper.retire()
    loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(grace)) { [weak self] in
      keeper.close()
      self?.retired.removeAll { $0 === keeper }
    }
  }
}

extension RPCStatus {
  fileprivate static let channelClosed = RPCStatus(
    .unavailable, "the channel is closed", isNeverProcessed: true)
  fileprivate static let noServer = RPCStatus(
    .unavailable, "there is no server", isNeverProcessed: true)
}
