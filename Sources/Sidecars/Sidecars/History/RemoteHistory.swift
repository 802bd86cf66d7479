import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// Reads one domain's events through a query-handler, for a role without access to the event
/// store.
public struct RemoteHistory: EventHistory {
  private static let getEvents = Method(service: "evented.EventQuery", name: "GetEvents")
  private static let readLog = Method(service: "outrider.v1.Log", name: "Read")
  private static let head = Method(service: "outrider.v1.Log", name: "Head")
  /// The time limit of one read.
  private static let patience = Duration.seconds(30)
  /// The longest wait of one call for a new commit.
  private static let waitingTime = Duration.seconds(60)

  public let domain: Name
  public let partitions: UInt32
  private let channel: any RPCChannel

  init(of domain: Name, partitions: UInt32, _ channel: any RPCChannel) {
    self.domain = domain
    self.partitions = partitions
    self.channel = channel
  }

  public func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    let query = Evented.Query(cover: Cover(domain: domain, root: root), lower: lower)
    var found = WholeCommits(limit)
    try await read(Self.getEvents, query) { message in
      found.take(try EventBook(wireBytes: message))
    }
    return found.finished()
  }

  public func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    var last = position
    var count = 0
    repeat {
      let request = OutriderV1.ReadLogRequest(
        domain: domain, after: last, limit: max(limit.count, 1))
      count = 0
      do {
        try await read(Self.readLog, request) { message in
          let entry = try OutriderV1.LogEntry(wireBytes: message)
          last = entry.position
          count += 1
          guard case .commit(let book, let id, _) = entry.content else { return true }
          return portion.take(RecordedCommit(book, at: entry.position, id: id))
        }
      } catch {
        if !portion.entries.isEmpty { return portion.entries }
        guard error.code == .corrupt else { throw error }
        // The commit behind the last entry is damaged; reading may continue behind it.
        var error = error
        error.damage = Damage(domain: domain, position: last.next)
        throw error
      }
      // An answer with only tombstones is not the end of the log.
    } while portion.entries.isEmpty && count >= max(limit.count, 1)
    return portion.entries
  }

  public func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    let heads = try await Self.heads(of: domain, channel)
    return heads.first { $0.partition == partition } ?? Position(partition: partition, number: 0)
  }

  /// The head of each partition of a domain.
  static func heads(
    of domain: Name, _ channel: any RPCChannel
  ) async throws(StorageError) -> [Position] {
    do {
      let answer = try await channel.unary(
        head, OutriderV1.HeadRequest(domain: domain).wireBytes, CallOptions(within: patience))
      return try OutriderV1.HeadResponse(wireBytes: answer).positions
    } catch { throw StorageError(queryHandler: error) }
  }

  public func waitForLog(after position: Position) async {
    let request = OutriderV1.ReadLogRequest(domain: domain, after: position, follow: true, limit: 1)
    // The next read reports a failure.
    try? await read(Self.readLog, request, within: Self.waitingTime) { _ in false }
  }

  /// Reads answers until the body returns false. Cancels the call on return.
  private func read(
    _ method: Method, _ request: some WireEncodable, within patience: Duration = Self.patience,
    _ body: (Message) throws -> Bool
  ) async throws(StorageError) {
    do {
      let call = try await channel.serverStreaming(
        method, request.wireBytes, CallOptions(within: patience))
      defer { call.cancel() }
      for try await message in call.responses {
        guard try body(message) else { return }
      }
    } catch { throw StorageError(queryHandler: error) }
  }
}

/// Reads the domains of a query-handler.
public struct RemoteHistories: Histories {
  private static let domains = Method(service: "outrider.v1.Log", name: "Domains")
  private let channel: any RPCChannel

  public init(_ channel: any RPCChannel) { self.channel = channel }

  public func domains() async throws(StorageError) -> [Name] {
    do {
      let answer = try await channel.unary(
        Self.domains, EmptyMessage().wireBytes, CallOptions(within: .seconds(10)))
      return try OutriderV1.DomainsResponse(wireBytes: answer).domains
    } catch { throw StorageError(queryHandler: error) }
  }

  public func history(of domain: Name) async throws(StorageError) -> any EventHistory {
    let heads = try await RemoteHistory.heads(of: domain, channel)
    return RemoteHistory(of: domain, partitions: UInt32(heads.count), channel)
  }
}

/// Reassembles commits that a query-handler split into several books.
private struct WholeCommits {
  private var portion: Portion<RecordedCommit>
  private var open: RecordedCommit?

  init(_ limit: ReadLimit) { portion = Portion(limit) }

  /// False: the limit is reached.
  mutating func take(_ book: EventBook) -> Bool {
    // Books carry a commit's id only if it is the command's.
    let id = book.commandID.flatMap { CommitID($0) } ?? .nil
    let part = RecordedCommit(book, at: book.position ?? Position(number: 0), id: id)
    if let commit = open, commit.position == part.position,
      commit.commit.pages.next == part.commit.pages.first
    {
      open?.commit.pages.append(part.commit.pages)
      return true
    }
    let hasRoom = open.map { portion.take($0) } ?? true
    open = hasRoom ? part : nil
    return hasRoom
  }

  mutating func finished() -> [RecordedCommit] {
    if let commit = open.take() { _ = portion.take(commit) }
    return portion.entries
  }
}

extension CallOptions {
  fileprivate init(within patience: Duration) { self.init(deadline: .after(patience)) }
}

extension StorageError {
  /// Maps a query-handler's failure to a store's.
  fileprivate init(queryHandler error: any Error) {
    let status = ErrorStatus(error)
    self.init(
      status.code == .dataLoss ? .corrupt : .unavailable,
      "the query-handler: \(status.message)", detail: "\(status.code)")
  }
}
