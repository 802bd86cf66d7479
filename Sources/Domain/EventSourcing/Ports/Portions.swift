extension Array {
  /// Slices of `count` elements, for a store that bounds its batches.
  package func portions(of count: Int) -> some Sequence<ArraySlice<Element>> {
    stride(from: 0, to: self.count, by: count).lazy.map { start in
      self[start..<Swift.min(start + count, self.count)]
    }
  }
}
