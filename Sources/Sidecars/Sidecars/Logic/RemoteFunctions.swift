import EventModel
import EventSourcing
import RPC
import Wire

/// The two functions in another process, in any language: gRPC (`outrider.v1.Entity`), or HTTP
/// with the records of `functions.avsc`.
public struct RemoteFunctions: EntityFunctions {
  private static let handle = Method(service: "outrider.v1.Entity", name: "Handle")
  private static let apply = Method(service: "outrider.v1.Entity", name: "Apply")
  private let channel: any RPCChannel
  private let address: String
  private let messages: any FunctionMessages

  /// Over gRPC.
  ///
  /// - Parameter address: the address, for messages.
  public init(_ channel: any RPCChannel, at address: String) {
    self.init(channel, at: address, ProtobufFunctionMessages())
  }

  /// Over HTTP.
  ///
  /// - Parameters:
  ///   - channel: carries bodies of the type `AvroFunctionMessages.mediaType`.
  ///   - address: the address, for messages.
  public init(overHTTP channel: any RPCChannel, at address: String) {
    self.init(channel, at: address, AvroFunctionMessages())
  }

  private init(_ channel: any RPCChannel, at address: String, _ messages: any FunctionMessages) {
    self.channel = channel
    self.address = address
    self.messages = messages
  }

  public func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    let cover = command.cover
    let state = try wireBytes(of: aggregate.snapshot?.state, cover)
    let request = try written("Handle", about: cover) {
      try messages.handleRequest(command, state: state, next: aggregate.next)
    }
    let answer = try await call(Self.handle, request, about: cover, deadline)
    let pages = try read("Handle") { try messages.pages(inHandleResponse: answer) }
    return ProposedBook(cover: nil, pages: pages)
  }

  public func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes {
    let state = try wireBytes(of: state, cover)
    let request = try written("Apply", about: cover) {
      try messages.applyRequest(pages, of: cover, state: state)
    }
    let answer = try await call(Self.apply, request, about: cover, deadline)
    return try read("Apply") { try messages.state(inApplyResponse: answer).snapshot }
  }

  public func isState(_ snapshot: Bytes) -> Bool {
    OutriderV1.AggregateState.wireBytes(inSnapshot: snapshot) != nil
  }

  private func wireBytes(of state: Bytes?, _ cover: Cover) throws(LogicError) -> Bytes? {
    guard let state else { return nil }
    guard let bytes = OutriderV1.AggregateState.wireBytes(inSnapshot: state) else {
      throw .malformed("the state of \(cover) is none that Apply answered")
    }
    return bytes
  }

  /// Stored data was checked when it was written, but may be damaged since.
  private func written(
    _ method: String, about cover: Cover, _ write: () throws -> Message
  ) throws(LogicError) -> Message {
    do { return try write() } catch {
      throw .malformed("\(method) cannot be told of \(cover): \(error)")
    }
  }

  private func read<Value>(
    _ method: String, _ read: () throws -> Value
  ) throws(LogicError) -> Value {
    do { return try read() } catch {
      throw .malformed("\(method) at \(address) gave a wrong answer: \(error)")
    }
  }

  private func call(
    _ method: Method, _ request: Message, about cover: Cover, _ deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Message {
    do {
      return try await calling("\(method.name) at \(address)") { () throws(RPCStatus) in
        try await channel.unary(method, request, CallOptions(servingUntil: deadline))
      }
    } catch .refused(let status as RPCStatus) where status.mayBeAbout(requestBytes: request.count) {
      throw .refused(
        status.saying(
          "\(method.name) at \(address) refused a message of \(request.count) bytes",
          "It holds the state of \(cover). If that is too large for the logic's server, raise its "
            + "message limit (4 MiB unless set), or keep less in the state"))
    }
  }
}
