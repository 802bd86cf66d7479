extension String {
  private static let cutMark = " ... [cut]"

  /// The text as far as its bytes cost no more than this in all, the mark at its end included where
  /// it was cut. It is cut between two characters of Unicode.
  ///
  /// - Parameter cost: what a byte of its UTF-8 costs.
  package func cut(to costMax: Int, cost: (UInt8) -> Int = { _ in 1 }) -> String {
    let room = costMax - Self.cutMark.utf8.reduce(0) { $0 + cost($1) }
    var sum = 0
    var end = utf8.startIndex
    for index in utf8.indices {
      let isBoundary = utf8[index] & 0xC0 != 0x80
      if isBoundary, sum <= room { end = index }
      sum += cost(utf8[index])
      if sum > costMax { return self[..<end] + Self.cutMark }
    }
    return self
  }
}
