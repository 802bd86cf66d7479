import CWire
import EventModel

// Requests and responses of service `Projections`.

extension OutriderV1 {
  /// Requests one projection.
  public struct GetProjectionRequest: WireDecodable, WireEncodable, Equatable {
    public var projector: Name
    public var cover: Cover
    /// The position that the projector must have handled; nil: answer at once.
    public var atLeast: Position?

    public init(projector: Name, cover: Cover, atLeast: Position? = nil) {
      self.projector = projector
      self.cover = cover
      self.atLeast = atLeast
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__GetProjectionRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          projector: try name("projector", message.pointee.projector),
          cover: try Cover(domain: message.pointee.domain, root: message.pointee.root),
          atLeast: Position(ifGiven: message.pointee.at_least))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__GetProjectionRequest.self) { builder, request in
        request.projector = builder.string(projector)
        request.domain = builder.string(cover.domain)
        request.root = builder.root(cover.root)
        if let atLeast { request.at_least = builder.position(atLeast) }
      }
    }
  }

  /// Requests a page of projections.
  public struct ListProjectionsRequest: WireDecodable, WireEncodable, Equatable {
    public var projector: Name
    public var domain: Name
    public var page: Page
    /// As in `GetProjectionRequest`.
    public var atLeast: Position?

    public init(
      projector: Name, domain: Name, page: Page = Page(), atLeast: Position? = nil
    ) {
      self.projector = projector
      self.domain = domain
      self.page = page
      self.atLeast = atLeast
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListProjectionsRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          projector: try name("projector", message.pointee.projector),
          domain: try domainName(message.pointee.domain),
          page: Page(
            wireSize: message.pointee.page_size, token: bytes(message.pointee.page_token)),
          atLeast: Position(ifGiven: message.pointee.at_least))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListProjectionsRequest.self) { builder, request in
        request.projector = builder.string(projector)
        request.domain = builder.string(domain)
        request.page_size = page.wireSize
        request.page_token = builder.data(page.token)
        if let atLeast { request.at_least = builder.position(atLeast) }
      }
    }
  }

  /// A page of projections.
  public struct ListProjectionsResponse: WireDecodable, WireEncodable, Equatable {
    public var records: [ProjectionRecord]
    /// The next page's token; empty on the last page.
    public var nextPage: Bytes

    public init(records: [ProjectionRecord], nextPage: Bytes = []) {
      self.records = records
      self.nextPage = nextPage
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ListProjectionsResponse.self, wireBytes) {
        view throws(WireError) in
        var response = Self(records: [])
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            response.records.append(
              try at("records[\(response.records.count)]") { () throws(WireError) in
                try ProjectionRecord(content)
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
      for record in records { writer.field(1, record.wireBytes) }
      writer.data(2, nextPage)
      return writer.bytes
    }
  }

  /// Requests projections and their changes.
  public struct WatchProjectionsRequest: WireDecodable, WireEncodable, Equatable {
    public var projector: Name
    public var domain: Name
    /// Only these aggregates; empty: all of the domain.
    public var roots: [Root]
    /// As in `GetProjectionRequest`.
    public var atLeast: Position?

    public init(
      projector: Name, domain: Name, roots: [Root] = [], atLeast: Position? = nil
    ) {
      self.projector = projector
      self.domain = domain
      self.roots = roots
      self.atLeast = atLeast
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__WatchProjectionsRequest.self, wireBytes) {
        message throws(WireError) in
        var request = Self(
          projector: try name("projector", message.pointee.projector),
          domain: try domainName(message.pointee.domain),
          atLeast: Position(ifGiven: message.pointee.at_least))
        for root in elements(message.pointee.roots, message.pointee.n_roots) {
          request.roots.append(
            try at("roots[\(request.roots.count)]") { () throws(WireError) in try Root(root) })
        }
        return request
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__WatchProjectionsRequest.self) { builder, request in
        request.projector = builder.string(projector)
        request.domain = builder.string(domain)
        var made: [UnsafeMutablePointer<Evented__UUID>] = []
        for root in roots { made.append(builder.root(root)) }
        request.n_roots = made.count
        request.roots = builder.array(made)
        if let atLeast { request.at_least = builder.position(atLeast) }
      }
    }
  }
}
