import EventModel
import EventSourcing
import RPC
import Wire

/// A synchronous saga in another process: `evented.SagaCoordinator`.
public struct RemoteSaga: SynchronousProcessor {
  private static let handleSync = Method(service: "evented.SagaCoordinator", name: "HandleSync")
  /// Names one of the sidecar's sagas.
  static let nameKey = "outrider-saga"

  public let name: Name
  private let channel: any RPCChannel

  public init(name: Name, _ channel: any RPCChannel) {
    self.name = name
    self.channel = channel
  }

  public func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    var options = CallOptions(servingUntil: deadline)
    options.metadata.append(Self.nameKey, name.text)
    do {
      let answer = try await channel.unary(Self.handleSync, book.wireBytes, options)
      let response = try Evented.SynchronousProcessingResponse(wireBytes: answer)
      return ProcessorOutcome(projections: response.projections, books: response.books)
    } catch { throw ProcessorFailure(of: name, error, at: book.cover) }
  }
}
