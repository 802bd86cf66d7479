extension Array {
  /// The elements, so many at a time, for a store that bounds what is written at once.
  package func portions(of count: Int) -> some Sequence<ArraySlice<Element>> {
    stride(from: 0, to: self.count, by: count).lazy.map { start in
      self[start..<Swift.min(start + count, self.count)]
    }
  }
}
