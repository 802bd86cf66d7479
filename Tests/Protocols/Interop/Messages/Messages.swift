import RPC

// The messages of package `grpc.testing`, as `src/proto/grpc/testing/messages.proto` of gRPC has
// them.

/// How a call is to end.
public struct EchoStatus: Sendable {
  public var code: Int
  public var message: String

  public init(code: Int, message: String) {
    self.code = code
    self.message = message
  }

  init(_ content: Message) throws(RPCStatus) {
    self.init(code: 0, message: "")
    for field in try fields(content) {
      if field.number == 1 { code = field.int }
      if field.number == 2 { message = String(decoding: field.content, as: UTF8.self) }
    }
  }

  var wire: Message { field(1, code) + field(2, Message(message.utf8)) }
}

/// Some bytes, whose kind does not matter.
private func payload(_ body: Message?) -> Message { field(2, body ?? []) }

private func body(ofPayload content: Message) throws(RPCStatus) -> Message {
  try fields(content).last { $0.number == 2 }?.content ?? []
}

/// `google.protobuf.BoolValue`
private func flag(_ content: Message) throws(RPCStatus) -> Bool {
  try fields(content).last { $0.number == 1 }?.value == 1
}

private func flag(_ number: UInt64, _ value: Bool?) -> Message {
  value.map { nested(number, field(1, $0 ? 1 : 0)) } ?? []
}

public struct SimpleRequest: Sendable {
  public var responseSize = 0
  public var body: Message?
  public var responseCompressed: Bool?
  public var responseStatus: EchoStatus?
  /// Whether this request must have been compressed on its way.
  public var expectCompressed: Bool?

  public init(responseSize: Int = 0, body: Message? = nil) {
    self.responseSize = responseSize
    self.body = body
  }

  public init(_ message: Message) throws(RPCStatus) {
    for field in try fields(message) {
      switch field.number {
      case 2: responseSize = field.int
      case 3: body = try InteropMessages.body(ofPayload: field.content)
      case 6: responseCompressed = try flag(field.content)
      case 7: responseStatus = try EchoStatus(field.content)
      case 8: expectCompressed = try flag(field.content)
      default: break
      }
    }
  }

  public var message: Message {
    field(2, responseSize) + field(3, payload(body)) + flag(6, responseCompressed)
      + (responseStatus.map { nested(7, $0.wire) } ?? []) + flag(8, expectCompressed)
  }
}

/// `SimpleResponse` and `StreamingOutputCallResponse`, which are the same on the wire.
public struct PayloadResponse: Sendable {
  public var body: Message

  public init(body: Message) { self.body = body }

  public init(_ message: Message) throws(RPCStatus) {
    body = []
    for field in try fields(message) where field.number == 1 {
      body = try InteropMessages.body(ofPayload: field.content)
    }
  }

  public var message: Message { nested(1, payload(body)) }
}

public struct StreamingInputCallRequest: Sendable {
  public var body: Message
  public var expectCompressed: Bool?

  public init(body: Message, expectCompressed: Bool? = nil) {
    self.body = body
    self.expectCompressed = expectCompressed
  }

  public init(_ message: Message) throws(RPCStatus) {
    body = []
    for field in try fields(message) {
      if field.number == 1 { body = try InteropMessages.body(ofPayload: field.content) }
      if field.number == 2 { expectCompressed = try flag(field.content) }
    }
  }

  public var message: Message { field(1, payload(body)) + flag(2, expectCompressed) }
}

public struct StreamingInputCallResponse: Sendable {
  public var aggregatedPayloadSize: Int

  public init(aggregatedPayloadSize: Int) { self.aggregatedPayloadSize = aggregatedPayloadSize }

  public init(_ message: Message) throws(RPCStatus) {
    aggregatedPayloadSize = try fields(message).last { $0.number == 1 }?.int ?? 0
  }

  public var message: Message { field(1, aggregatedPayloadSize) }
}

/// One answer that is wanted.
public struct ResponseParameters: Sendable {
  public var size = 0
  public var interval = Duration.zero
  public var compressed: Bool?

  public init(size: Int, interval: Duration = .zero, compressed: Bool? = nil) {
    self.size = size
    self.interval = interval
    self.compressed = compressed
  }

  init(_ content: Message) throws(RPCStatus) {
    for field in try fields(content) {
      if field.number == 1 { size = field.int }
      if field.number == 2 { interval = .microseconds(field.int) }
      if field.number == 3 { compressed = try flag(field.content) }
    }
  }

  var message: Message {
    field(1, size) + field(2, Int(interval / .microseconds(1))) + flag(3, compressed)
  }
}

public struct StreamingOutputCallRequest: Sendable {
  public var responses: [ResponseParameters] = []
  public var body: Message?
  public var responseStatus: EchoStatus?

  public init(
    responses: [ResponseParameters] = [], body: Message? = nil, responseStatus: EchoStatus? = nil
  ) {
    self.responses = responses
    self.body = body
    self.responseStatus = responseStatus
  }

  public init(_ message: Message) throws(RPCStatus) {
    for field in try fields(message) {
      switch field.number {
      case 2: responses.append(try ResponseParameters(field.content))
      case 3: body = try InteropMessages.body(ofPayload: field.content)
      case 7: responseStatus = try EchoStatus(field.content)
      default: break
      }
    }
  }

  public var message: Message {
    responses.flatMap { nested(2, $0.message) } + field(3, payload(body))
      + (responseStatus.map { nested(7, $0.wire) } ?? [])
  }
}
