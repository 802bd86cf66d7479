/// Bytes of one stream that wait to be sent, in order.
///
/// They stay in the application's memory until nghttp2 asks for them, and are copied once, into
/// the output. A piece may have a few bytes before its body (gRPC's prefix), so that adding those
/// copies no message.
struct OutgoingBytes {
  private struct Piece {
    var lead: UInt64
    var leadCount: Int
    var body: [UInt8]
    var count: Int { leadCount + body.count }
  }

  /// The current piece is kept outside the array, since most streams have only one.
  private var first: Piece?
  private var sentOfFirst = 0
  private var rest: [Piece] = []
  private var restTaken = 0

  /// Pending bytes.
  private(set) var count = 0

  /// Adds bytes; the lead's bytes are its lowest, in memory order of a little-endian number.
  mutating func append(lead: UInt64, leadCount: Int, _ body: [UInt8]) {
    let piece = Piece(lead: lead, leadCount: leadCount, body: body)
    guard piece.count > 0 else { return }
    count += piece.count
    if first == nil { first = piece } else { rest.append(piece) }
  }

  /// Moves `wanted` bytes into the output; traps if fewer wait.
  mutating func move(_ wanted: Int, to output: OutputBuffer) {
    precondition(wanted <= count, "more bytes were promised to nghttp2 than there are")
    var left = wanted
    while left > 0, let piece = first {
      let taken = min(left, piece.count - sentOfFirst)
      copy(piece, sentOfFirst..<sentOfFirst + taken, to: output)
      left -= taken
      sentOfFirst += taken
      if sentOfFirst == piece.count { advance() }
    }
    count -= wanted
  }

  private func copy(_ piece: Piece, _ range: Range<Int>, to output: OutputBuffer) {
    let lead = range.clamped(to: 0..<piece.leadCount)
    if !lead.isEmpty {
      withUnsafeBytes(of: piece.lead.littleEndian) {
        output.append(UnsafeRawBufferPointer(rebasing: $0[lead]))
      }
    }
    let body = range.clamped(to: piece.leadCount..<piece.count)
    if !body.isEmpty {
      piece.body.withUnsafeBytes {
        let part = body.lowerBound - piece.leadCount..<body.upperBound - piece.leadCount
        output.append(UnsafeRawBufferPointer(rebasing: $0[part]))
      }
    }
  }

  private mutating func advance() {
    sentOfFirst = 0
    guard restTaken < rest.count else {
      first = nil
      return
    }
    first = rest[restTaken]
    rest[restTaken].body = []
    restTaken += 1
    if restTaken == rest.count {
      rest.removeAll(keepingCapacity: true)
      restTaken = 0
    }
  }
}
