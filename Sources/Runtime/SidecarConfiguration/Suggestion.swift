/// The known name nearest to a mistyped one; nil if none is near.
public func nearest(to name: String, in known: some Sequence<String>) -> String? {
  guard name.utf8.count <= 100 else { return nil }
  let near = known.map { (name: $0, distance: editDistance(name.lowercased(), $0.lowercased())) }
    .min { $0.distance < $1.distance }
  guard let near, near.distance <= max(2, near.name.utf8.count / 4) else { return nil }
  return near.name
}

/// The optimal string alignment distance: insertions, deletions, replacements, and swaps of
/// neighbours that turn one text into the other.
func editDistance(_ left: String, _ right: String) -> Int {
  let (left, right) = (Array(left.utf8), Array(right.utf8))
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
      var best = min(substitution, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        best = min(best, beforeLast[column - 1] + 1)
      }
      current.append(best)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
