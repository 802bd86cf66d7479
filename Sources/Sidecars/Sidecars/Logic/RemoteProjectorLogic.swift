import EventModel
import EventSourcing
import RPC
import Synchronization
import Wire

/// Projector logic behind gRPC: `evented.Projector`, in any language.
///
/// `HandleSync` answers the projection to store. Logic that keeps its own read model implements
/// only `Handle`; an UNIMPLEMENTED reveals it.
public final class RemoteProjectorLogic: ProjectorLogic {
  private static let handle = Method(service: "evented.Projector", name: "Handle")
  private static let handleSync = Method(service: "evented.Projector", name: "HandleSync")

  private let name: Name
  private let generation: Generation
  private let isLive: @Sendable () -> Bool
  private let channel: any RPCChannel
  private let address: String
  private let keepsOwnReadModel = Atomic(false)

  /// - Parameters:
  ///   - generation: the generation of projections that the logic makes, sent as metadata.
  ///   - isLive: true if queries read this generation.
  public init(
    name: Name, generation: Generation = .first, isLive: @escaping @Sendable () -> Bool = { true },
    _ channel: any RPCChannel, at address: String
  ) {
    self.name = name
    self.generation = generation
    self.isLive = isLive
    self.channel = channel
    self.address = address
  }

  public func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    let request = Evented.ProjectorRequest(book: book, previous: previous).wireBytes
    do { return try await project(book, request, deadline: deadline) } catch .refused(
      let status as RPCStatus) where status.mayBeAbout(requestBytes: request.count)
    {
      let events = "events \(book.pages.first) up to \(book.pages.next) of \(book.cover)"
      throw .refused(
        status.saying(
          "projector \(name) at \(address) refused a message of \(request.count) bytes",
          "It has \(events), \(book.pages.bytes.count) bytes, and the projection so far, "
            + "\(previous?.value.count ?? 0) bytes. If that is too large for the logic's server, "
            + "raise its message limit (4 MiB unless set), then retry the aggregate"))
    }
  }

  private func project(
    _ book: EventBook, _ request: Message, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    var options = CallOptions(servingUntil: deadline)
    if generation != .first { options.metadata.append("outrider-generation", "\(generation)") }
    if !isLive() { options.metadata.append("outrider-rebuild", "true") }
    if !keepsOwnReadModel.load(ordering: .relaxed) {
      do {
        let answer = try await call(Self.handleSync, request, options)
        return try value(of: answer, for: book)
      } catch .refused(let status as RPCStatus) where status.code == .unimplemented {
        _ = try await call(Self.handle, request, options)
        keepsOwnReadModel.store(true, ordering: .relaxed)
        return nil
      }
    }
    do {
      _ = try await call(Self.handle, request, options)
      return nil
    } catch {
      // A new version of the logic may answer differently.
      keepsOwnReadModel.store(false, ordering: .relaxed)
      throw error
    }
  }

  private func call(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(LogicError) -> Message {
    try await calling("projector \(name) at \(address)") { () throws(RPCStatus) in
      try await channel.unary(method, request, options)
    }
  }

  private func value(of answer: Message, for book: EventBook) throws(LogicError) -> Bytes? {
    let projection: Evented.ProjectorAnswer
    do { projection = try Evented.ProjectorAnswer(wireBytes: answer) } catch {
      throw .malformed("projector \(name) at \(address) answered a wrong projection: \(error)")
    }
    if let cover = projection.cover, cover != book.cover {
      throw .malformed(
        "projector \(name) at \(address) answered a projection of \(cover), "
          + "but was given events of \(book.cover)")
    }
    return projection.value
  }
}
