import EventModel

extension OutriderV1 {
  /// An `outrider.v1.SagaReaction` as written by a saga's logic: its timers have durations, those
  /// of an `EventModel.SagaReaction` have times.
  public struct SagaAnswer: WireEncodable, Equatable {
    public struct Timer: Sendable, Equatable {
      public var name: Name
      /// The delay from now; a negative one means at once.
      public var after: Duration

      public init(name: Name, after: Duration) {
        self.name = name
        self.after = after
      }
    }

    public var commands: [Evented.CommandBook] = []
    /// The new state, an `Any` in wire form; nil: unchanged.
    public var state: Bytes?
    public var timers: [Timer] = []
    public var cancelledTimers: [Name] = []
    public var isFinished = false

    public init() {}

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      for command in commands { writer.field(1, command.wireBytes) }
      if let state { writer.field(2, state) }
      for timer in timers { writer.field(3, timer.wireContent) }
      for name in cancelledTimers { writer.text(4, name) }
      writer.number(5, isFinished ? 1 : 0)
      return writer.bytes
    }
  }
}

extension OutriderV1.SagaAnswer.Timer {
  fileprivate var wireContent: Bytes {
    // `google.protobuf.Duration`: whole seconds, and nanoseconds of the same sign.
    let (seconds, attoseconds) = after.components
    var duration = FieldWriter()
    duration.number(1, UInt64(bitPattern: seconds))
    duration.number(2, UInt64(bitPattern: attoseconds / 1_000_000_000))
    var writer = FieldWriter()
    writer.text(1, name)
    writer.field(2, duration.bytes)
    return writer.bytes
  }
}
