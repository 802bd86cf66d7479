import CWire
import EventModel

// Requests and responses of service `Sagas`.

extension OutriderV1 {
  /// Requests a page of instances.
  public struct ListSagaInstancesRequest: WireDecodable, WireEncodable, Equatable {
    /// Nil: the only saga.
    public var saga: Name?
    public var unfinished: Bool
    public var page: Page

    public init(saga: Name? = nil, unfinished: Bool = false, page: Page = Page()) {
      self.saga = saga
      self.unfinished = unfinished
      self.page = page
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListSagaInstancesRequest.self, wireBytes) {
        message throws(WireError) in
        let saga = Name(text(message.pointee.saga))
        return Self(
          saga: saga.isEmpty ? nil : saga, unfinished: message.pointee.unfinished != 0,
          page: Page(
            wireSize: message.pointee.page_size, token: bytes(message.pointee.page_token)))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListSagaInstancesRequest.self) { builder, request in
        request.saga = builder.string(saga ?? "")
        request.unfinished = unfinished ? 1 : 0
        request.page_size = page.wireSize
        request.page_token = builder.data(page.token)
      }
    }
  }

  /// A page of instances.
  public struct ListSagaInstancesResponse: WireDecodable, WireEncodable, Equatable {
    public var instances: [SagaInstance]
    /// The next page's token; empty on the last page.
    public var nextPage: Bytes

    public init(instances: [SagaInstance] = [], nextPage: Bytes = []) {
      self.instances = instances
      self.nextPage = nextPage
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ListSagaInstancesResponse.self, wireBytes) {
        view throws(WireError) in
        var response = Self()
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            response.instances.append(
              try at("instances[\(response.instances.count)]") { () throws(WireError) in
                try SagaInstance(content)
              })
          case 2: response.nextPage = Bytes(content)
          default: break
          }
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      for instance in instances { writer.field(1, instance.wireBytes) }
      writer.data(2, nextPage)
      return writer.bytes
    }
  }

  /// Names an instance.
  public struct GetSagaInstanceRequest: WireDecodable, WireEncodable, Equatable {
    /// Nil: the only saga.
    public var saga: Name?
    public var key: Name

    public init(saga: Name? = nil, key: Name) {
      self.saga = saga
      self.key = key
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__GetSagaInstanceRequest.self, wireBytes) {
        message throws(WireError) in
        let saga = Name(text(message.pointee.saga))
        return Self(
          saga: saga.isEmpty ? nil : saga, key: try name("key", message.pointee.key))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__GetSagaInstanceRequest.self) { builder, request in
        request.saga = builder.string(saga ?? "")
        request.key = builder.string(key)
      }
    }
  }

  /// The state of an instance.
  public struct SagaInstance: WireDecodable, WireEncodable, Equatable {
    public var saga: Name
    /// The root of the instance's stream in the saga's own domain.
    public var root: Root
    public var state: SagaState
    public var steps: [RecordedStep]

    /// A step and its sequence in the stream.
    public struct RecordedStep: Sendable, Equatable {
      public var sequence: SequenceNumber
      public var recordedAt: Timestamp
      public var step: SagaStep

      public init(sequence: SequenceNumber, recordedAt: Timestamp, step: SagaStep) {
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.step = step
      }
    }

    public init(saga: Name, root: Root, state: SagaState, steps: [RecordedStep] = []) {
      self.saga = saga
      self.root = root
      self.state = state
      self.steps = steps
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__SagaInstance.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: an instance that was checked.
    fileprivate init(_ view: View) throws(WireError) {
      var saga: Name = ""
      var root: Root?
      var state: SagaState?
      var steps: [RecordedStep] = []
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1: saga = Name(String(decoding: content, as: UTF8.self))
        case 2: root = try at("root") { () throws(WireError) in try Root(message: content) }
        case 3: state = try at("state") { () throws(WireError) in try SagaState(content) }
        case 4:
          steps.append(
            try at("steps[\(steps.count)]") { () throws(WireError) in
              try RecordedStep(content)
            })
        default: break
        }
      }
      guard let root else { throw .missing("root") }
      guard let state else { throw .missing("state") }
      self.init(saga: saga, root: root, state: state, steps: steps)
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.text(1, saga)
      writer.start(2, byteCount: 2 + Root.byteCount)
      writer.field(1, root.bytes)
      writer.field(3, state.wireBytes)
      for step in steps { writer.field(4, step.wireContent) }
      return writer.bytes
    }
  }
}

extension OutriderV1.SagaInstance.RecordedStep {
  /// - Parameter view: a step that was checked.
  fileprivate init(_ view: View) throws(WireError) {
    var sequence = SequenceNumber.first
    var recordedAt: Timestamp?
    var step: SagaStep?
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: sequence = SequenceNumber(UInt32(truncatingIfNeeded: field.value))
      case 2: recordedAt = try at("recorded_at") { () throws(WireError) in try Timestamp(content) }
      case 3: step = try at("step") { () throws(WireError) in try SagaStep(content) }
      default: break
      }
    }
    guard let recordedAt else { throw .missing("recorded_at") }
    guard let step else { throw .missing("step") }
    self.init(sequence: sequence, recordedAt: recordedAt, step: step)
  }

  fileprivate var wireContent: Bytes {
    var writer = FieldWriter()
    writer.number(1, UInt64(sequence.rawValue))
    writer.message(2, recordedAt)
    writer.field(3, step.wireBytes)
    return writer.bytes
  }
}
