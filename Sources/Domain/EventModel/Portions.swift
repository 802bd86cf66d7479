extension Array {
  /// Slices of `count` elements, the last one shorter, for what takes a bounded batch.
  package func portions(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { start in
      self[start..<Swift.min(start + count, self.count)]
    }
  }
}
