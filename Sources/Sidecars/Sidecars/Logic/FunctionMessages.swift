import EventModel
import EventSourcing
import RPC
import Wire

/// Encodes the messages of the two functions for one transport.
///
/// States are `AggregateState`s in protobuf's wire form on either transport: so they are stored.
protocol FunctionMessages: Sendable {
  func handleRequest(
    _ command: Command, state: Bytes?, next: SequenceNumber
  ) throws -> Message

  func pages(inHandleResponse answer: Message) throws -> [ProposedPage]

  /// - Parameter pages: the pages of `cover`; not empty.
  func applyRequest(_ pages: PageBlock, of cover: Cover, state: Bytes?) throws -> Message

  func state(inApplyResponse answer: Message) throws -> OutriderV1.AggregateState
}

/// Encodes for gRPC: the messages of `entity.proto`.
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
