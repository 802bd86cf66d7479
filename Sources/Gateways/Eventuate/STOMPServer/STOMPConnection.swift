import EventModel
import Logging
import RPC
import STOMP
import Synchronization
import Timing

/// Serves one client's connection, from its CONNECT to its end.
///
/// It reads and writes bytes, independent of the transport.
final class STOMPConnection: Sendable {
  /// The state of reading the client's frames.
  private struct Reading {
    var parser = FrameParser(limits: .stranger)
    var session = ServerSession()
    /// Calls on the client's behalf; nil until it is authenticated.
    var calls: EventuateCalls?
    var namesVersions = false
    /// The receipt that DISCONNECT requests.
    var receipt: String?
  }

  private let gateway: STOMPGateway
  private let peer: String
  private let state: ConnectionState
  private let outbox: Outbox
  private let close: @Sendable () async -> Void
  private let beganAt: ContinuousClock.Instant
  private let isConnected = Atomic(false)
  private let subscriptions = Mutex<[String: ClientSubscription]>([:])
  private let lastFeed = Atomic(0)

  private var limits: STOMPLimits { gateway.limits }
  private var environment: Environment { gateway.environment }

  /// - Parameters:
  ///   - write: as for `Outbox`.
  ///   - close: ends the connection, so that no more bytes arrive.
  init(
    _ gateway: STOMPGateway, peer: String,
    write: @escaping @Sendable ([UInt8]) async throws -> Void,
    close: @escaping @Sendable () async -> Void
  ) {
    self.gateway = gateway
    self.peer = peer
    self.close = close
    let environment = gateway.environment
    beganAt = environment.instant()
    outbox = Outbox(
      pauseAfterHeartbeat: gateway.limits.pauseAfterHeartbeat, environment: environment,
      write: write)
    state = ConnectionState(
      id: String(environment.random(), radix: 16), outbox, gateway.activity,
      messagesMax: gateway.limits.unacknowledgedMax)
  }

  /// Serves until the client leaves, is refused or stalls, or the task is cancelled. Then stores
  /// what was acknowledged, as far as time allows.
  func run<Chunks: AsyncSequence & Sendable>(_ chunks: Chunks) async
  where Chunks.Element == [UInt8] {
    gateway.activity.addConnections(1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.watch() }
      do {
        let receipt = try await read(chunks, &group)
        await farewell()
        await answer(receipt)
      } catch let error as STOMPError {
        await refuse(error)
        await farewell()
      } catch {
        await farewell()
      }
      await outbox.close()
      state.end()
      group.cancelAll()
    }
    gateway.activity.addConnections(-1)
    await close()
  }

  // MARK: Frames

  /// Reads until the client leaves, and returns the receipt that it requests. Throws `STOMPError`
  /// for a client's mistake.
  private func read<Chunks: AsyncSequence>(
    _ chunks: Chunks, _ group: inout TaskGroup<Void>
  ) async throws -> String? where Chunks.Element == [UInt8] {
    var reading = Reading()
    for try await chunk in chunks {
      var bytes = chunk[...]
      while let item = try reading.parser.next(from: &bytes) {
        guard case .frame(let frame) = item else { continue }
        let request = try reading.session.receive(frame)
        if case .disconnect(let receipt) = request { return receipt }
        try await carryOut(request, &reading, &group)
      }
    }
    return nil
  }

  private func carryOut(
    _ request: ServerRequest, _ reading: inout Reading, _ group: inout TaskGroup<Void>
  ) async throws(STOMPError) {
    switch request {
    case .logIn(let connect):
      reading.calls = EventuateCalls(
        backends: gateway.backends, caller: try await caller(connect))
      reading.namesVersions = connect.namesVersions
      reading.parser.limits = .client
      await outbox.send(reading.session.accept(connect, session: state.id))
      isConnected.store(true, ordering: .relaxed)
      guard connect.wantsHeartbeats else { return }
      group.addTask { await self.outbox.beat(every: Heartbeat.silenceMax) }
    case .subscribe(let request):
      guard let calls = reading.calls else { return }
      let subscription = try subscribe(request, calls, namesVersions: reading.namesVersions)
      group.addTask { await self.run(subscription) }
    case .unsubscribe(let id, let receipt):
      subscriptions.withLock { $0[id] }?.finish()
      await answer(receipt)
    case .acknowledge(let id, let receipt):
      state.acknowledge(id)
      await answer(receipt)
    case .nothing(let receipt), .disconnect(let receipt): await answer(receipt)
    }
  }

  private func answer(_ receipt: String?) async {
    if let receipt { await outbox.send(ServerSession.receipt(receipt)) }
  }

  // MARK: Connecting

  private func caller(_ connect: Connect) async throws(STOMPError) -> Caller {
    let delay = gateway.delay(of: peer)
    if delay > .zero { try? await environment.sleep(delay) }
    guard let caller = gateway.authenticate(connect.login, connect.passcode) else {
      throw STOMPError("login and passcode are not those of an API key")
    }
    return caller
  }

  /// Closes the connection of a client that does not connect in time, or that stalls.
  private func watch() async {
    do { try await environment.sleep(limits.connectTime) } catch { return }
    if isConnected.load(ordering: .relaxed) {
      await outbox.waitUntilStalled(for: limits.stallTimeMax)
    }
    if !Task.isCancelled { await close() }
  }

  /// Sends the error after a delay, so that a client that reconnects at once causes little load.
  private func refuse(_ error: STOMPError) async {
    gateway.logger.debug("STOMP client \(peer) refused: \(error.message)")
    let hold =
      isConnected.load(ordering: .relaxed)
      ? limits.refusalHold - (environment.instant() - beganAt) : limits.refusalHold
    if hold > .zero { try? await environment.sleep(hold) }
    await outbox.send(error.frame)
  }

  // MARK: Subscriptions

  private func subscribe(
    _ request: Subscribe, _ calls: EventuateCalls, namesVersions: Bool
  ) throws(STOMPError) -> ClientSubscription {
    let destination: Destination
    do { destination = try Destination(request.destination.value) } catch {
      throw STOMPError(error.message, receipt: request.receipt)
    }
    let feedCount = subscriptions.withLock { $0.values.reduce(0) { $0 + $1.feedCount } }
    guard feedCount + destination.wanted.count <= limits.feedsMax else {
      throw STOMPError(
        "the subscriptions of a connection may name \(limits.feedsMax) entity types together: open "
          + "another", receipt: request.receipt)
    }
    guard gateway.reserve(destination.wanted.count) else {
      throw STOMPError(
        "the gateway feeds \(limits.allFeedsMax) entity types to its clients already: try another",
        receipt: request.receipt)
    }
    let first = lastFeed.add(destination.wanted.count, ordering: .relaxed).oldValue
    let subscription = ClientSubscription(
      request, destination, firstFeed: first,
      MessageHead(request, destination.subscriber, clientNamesVersions: namesVersions), calls,
      state, limits, environment,
      note: { [logger = gateway.logger] in logger.warning("\($0)") })
    subscriptions.withLock { $0[request.id] = subscription }
    gateway.activity.addSubscriptions(1)
    return subscription
  }

  private func run(_ subscription: ClientSubscription) async {
    let id = subscription.request.id
    do throws(EventuateFailure) { try await subscription.run() } catch {
      await refuse(STOMPError(error.message, receipt: subscription.request.receipt))
      await close()
    }
    gateway.release(subscription.feedCount)
    gateway.activity.addSubscriptions(-1)
    subscriptions.withLock { if $0[id] === subscription { $0[id] = nil } }
  }

  /// Waits until acknowledgements are stored.
  private func farewell() async {
    let left = subscriptions.withLock { Array($0.values) }
    for subscription in left { subscription.finish() }
    state.end()
    await within(limits.farewellTime, sleep: environment.sleep) { [self] in
      while !subscriptions.withLock({ $0.isEmpty }), !Task.isCancelled {
        do { try await environment.sleep(.milliseconds(10)) } catch { return }
      }
    }
  }
}
