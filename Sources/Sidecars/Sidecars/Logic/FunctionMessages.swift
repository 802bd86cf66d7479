import EventModel
import EventSourcing
import RPC
import Wire

/// The messages of the two functions in one of the forms that they travel in.
///
/// States are `AggregateState`s in wire form, however they travel: so they are stored.
protocol FunctionMessages: Sendable {
  func handleRequest(
    _ command: Command, state: Bytes?, next: SequenceNumber
  ) throws -> Message

  func pages(inHandleResponse answer: Message) throws -> [ProposedPage]

  /// - Parameter pages: of `cover`; not empty.
  func applyRequest(_ pages: PageBlock, of cover: Cover, state: Bytes?) throws -> Message

  func state(inApplyResponse answer: Message) throws -> OutriderV1.AggregateState
}

/// The form of gRPC: the messages of `entity.proto`.
struct ProtobufFunctionMessages: FunctionMessages {
  func handleRequest(
    _ command: Command, state: Bytes?, next: SequenceNumber
  ) throws -> Message {
    OutriderV1.HandleRequest(command, state: state, next: next).wireBytes
  }

  func pages(inHandleResponse answer: Message) throws -> [ProposedPage] {
    try OutriderV1.HandleResponse(wireBytes: answer).pages
  }

  func applyRequest(_ pages: PageBlock, of cover: Cover, state: Bytes?) throws -> Message {
    OutriderV1.ApplyRequest(EventBook(cover: cover, pages: pages), state: state).wireBytes
  }

  func state(inApplyResponse answer: Message) throws -> OutriderV1.AggregateState {
    try OutriderV1.ApplyResponse(wireBytes: answer).state
  }
}
