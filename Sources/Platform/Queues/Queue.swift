/// A first-in, first-out queue, as an array and the place of its first element.
///
/// Releases an element as it is removed. Frees the places of removed elements half of the array at
/// a time, so each element moves once on average.
@frozen public struct Queue<Element> {
  /// Places before `head` are empty, all others are not.
  @usableFromInline var places: [Element?] = []
  @usableFromInline var head = 0

  @inlinable public init() {}

  @inlinable public init(_ elements: some Sequence<Element>) { places = elements.map(\.self) }

  /// The memory in bytes. It does not shrink when elements are removed.
  @inlinable public var byteCount: Int { places.capacity * MemoryLayout<Element?>.stride }

  @inlinable public mutating func append(_ element: Element) { places.append(element) }

  /// Removes the first element; nil if there is none.
  @inlinable public mutating func popFirst() -> Element? {
    guard head < places.count else { return nil }
    let element = places[head].take()
    head += 1
    if head == places.count {
      places.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= places.count {
      places.removeFirst(head)
      head = 0
    }
    return element
  }
}

extension Queue: Sendable where Element: Sendable {}

/// Indices count from the first element.
extension Queue: RandomAccessCollection, MutableCollection {
  @inlinable public var startIndex: Int { 0 }
  @inlinable public var endIndex: Int { places.count - head }

  @inlinable public subscript(index: Int) -> Element {
    _read { yield places[place(of: index)]! }
    _modify { yield &places[place(of: index)]! }
  }

  /// Traps on an index out of bounds, so that the place is not empty.
  @inlinable func place(of index: Int) -> Int {
    precondition(index >= 0, "the queue has no index below 0")
    return head + index
  }
}
