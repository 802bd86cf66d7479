import CWire
import EventModel

// Requests of service `Rebuilds`.

extension OutriderV1 {
  /// Names a projector and a domain.
  public struct RebuildTarget: WireDecodable, WireEncodable, Equatable {
    public var projector: Name
    /// Empty: the only domain that the projector serves.
    public var domain: Name

    public init(projector: Name, domain: Name) {
      self.projector = projector
      self.domain = domain
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__RebuildTarget.self, wireBytes) { message throws(WireError) in
        try Self(message.pointee.projector, message.pointee.domain)
      }
    }

    fileprivate init(
      _ projector: UnsafeMutablePointer<CChar>?, _ domain: UnsafeMutablePointer<CChar>?
    ) throws(WireError) {
      let isGiven = domain.map { $0.pointee != 0 } ?? false
      self.init(
        projector: try name("projector", projector), domain: isGiven ? try domainName(domain) : "")
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.text(1, projector)
      writer.text(2, domain)
      return writer.bytes
    }
  }

  /// Requests a candidate.
  public struct StartRebuildRequest: WireDecodable, WireEncodable, Equatable {
    public var target: RebuildTarget
    /// Nil: no limit.
    public var eventsPerSecond: Int?

    public init(_ target: RebuildTarget, eventsPerSecond: Int? = nil) {
      self.target = target
      self.eventsPerSecond = eventsPerSecond
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__StartRebuildRequest.self, wireBytes) {
        message throws(WireError) in
        let request = message.pointee
        return Self(
          try RebuildTarget(request.projector, request.domain),
          eventsPerSecond: request.events_per_second == 0 ? nil : Int(request.events_per_second))
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.fields(target.wireBytes)
      writer.number(3, UInt64(eventsPerSecond ?? 0))
      return writer.bytes
    }
  }

  /// Makes the candidate live.
  public struct SwitchRebuildRequest: WireDecodable, WireEncodable, Equatable {
    public var target: RebuildTarget
    public var evenIfParked: Bool

    public init(_ target: RebuildTarget, evenIfParked: Bool = false) {
      self.target = target
      self.evenIfParked = evenIfParked
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SwitchRebuildRequest.self, wireBytes) {
        message throws(WireError) in
        let request = message.pointee
        return Self(
          try RebuildTarget(request.projector, request.domain),
          evenIfParked: request.even_if_parked != 0)
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.fields(target.wireBytes)
      writer.number(3, evenIfParked ? 1 : 0)
      return writer.bytes
    }
  }

  /// Drops a generation.
  public struct DropRebuildRequest: WireDecodable, WireEncodable, Equatable {
    public var target: RebuildTarget
    /// Nil: the candidate, or else the previous generation.
    public var generation: UInt32?

    public init(_ target: RebuildTarget, generation: UInt32? = nil) {
      self.target = target
      self.generation = generation
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__DropRebuildRequest.self, wireBytes) {
        message throws(WireError) in
        let request = message.pointee
        return Self(
          try RebuildTarget(request.projector, request.domain),
          generation: request.generation == 0 ? nil : request.generation)
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.fields(target.wireBytes)
      writer.number(3, UInt64(generation ?? 0))
      return writer.bytes
    }
  }
}
