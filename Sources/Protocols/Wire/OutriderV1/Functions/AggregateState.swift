import CWire
import EventModel
import Names

extension OutriderV1 {
  /// The state of one aggregate in the function style: of its root and of its members.
  public struct AggregateState: WireDecodable, WireEncodable, Equatable {
    private static let typeURL = Bytes("type.googleapis.com/outrider.v1.AggregateState".utf8)

    /// An `Any` in wire form; nil: the root has no state.
    public var root: Bytes?
    /// An `Any` in wire form for each member, by name, `type:id`.
    public var members: [Name: Bytes]

    public init(root: Bytes? = nil, members: [Name: Bytes] = [:]) {
      self.root = root
      self.members = members
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__AggregateState.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: a state that was checked.
    init(_ view: View) throws(WireError) {
      self.init()
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1: root = Bytes(content)
        case 2:
          let (name, state) = try Self.member(content)
          members[name] = state
        default: break
        }
      }
    }

    /// - Parameter view: an entry of the map that was checked.
    private static func member(_ view: View) throws(WireError) -> (Name, Bytes) {
      var name = View(start: nil, count: 0)
      var state: Bytes = []
      var reader = FieldReader(view)
      while let field = try reader.next() {
        switch field.number {
        case 1: name = view.part(field.content)
        case 2: state = Bytes(view.part(field.content))
        default: break
        }
      }
      guard !name.isEmpty else { throw .invalid("members", "has a member without a name") }
      try checkEntity("members", name)
      return (Name(String(decoding: name, as: UTF8.self)), state)
    }

    /// Members are sorted by name, so equal states have equal bytes.
    public var wireBytes: Bytes {
      var writer = FieldWriter()
      if let root { writer.field(1, root) }
      for (name, state) in members.sorted(by: { $0.key < $1.key }) {
        writer.message(2, guess: name.utf8.count + state.count) {
          $0.text(1, name)
          $0.field(2, state)
        }
      }
      return writer.bytes
    }

    // MARK: Snapshots

    /// The stored form: an `Any`, the value of `Snapshot.state`.
    public var snapshot: Bytes {
      let state = wireBytes
      var writer = FieldWriter(reserving: state.count + Self.typeURL.count + 16)
      writer.field(1, Self.typeURL)
      writer.field(2, state)
      return writer.bytes
    }

    /// The state in a snapshot, in wire form; nil if the snapshot is another kind of `Any`.
    public static func wireBytes(inSnapshot snapshot: Bytes) -> Bytes? {
      snapshot.withUnsafeBufferPointer { view in
        var (isState, value) = (false, Bytes())
        var reader = FieldReader(view)
        while let field = try? reader.next() {
          switch field.number {
          case 1: isState = view.part(field.content).elementsEqual(typeURL)
          case 2: value = Bytes(view.part(field.content))
          default: break
          }
        }
        return isState ? value : nil
      }
    }
  }
}
