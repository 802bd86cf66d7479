extension String {
  private static let cutMark = " ... [cut]"

  /// The text, shortened if its bytes cost more than `costMax`; then it ends with a mark, which is
  /// included in the cost. Cuts between Unicode characters.
  ///
  /// - Parameter cost: the cost of one byte of UTF-8.
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
