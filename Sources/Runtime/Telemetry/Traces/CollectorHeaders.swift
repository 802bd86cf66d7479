import Files
import Logging
import RPC
import SidecarConfiguration

/// Request headers for a collector, such as a key.
package enum CollectorHeaders: Sendable {
  case fixed(Metadata)
  /// Lines of `name: value` in a file, which is reloaded when it changes.
  case file(FileBackedValue<[UInt8], Metadata>)

  /// Throws `SidecarError` if the file cannot be used.
  package init(_ path: String, _ logger: Logger) throws(SidecarError) {
    do {
      let headers = try FileBackedValue(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        try Self.headers(String(decoding: bytes, as: UTF8.self))
      } failed: { failure in
        logger.warning("the old headers stay: \(path): \(failure)")
      }
      self = .file(headers)
    } catch {
      throw SidecarError(headersFile: path, error)
    }
  }

  var current: Metadata {
    switch self {
    case .fixed(let headers): headers
    case .file(let headers): headers.current()
    }
  }

  /// Ignores empty lines, and lines that begin with `#`.
  static func headers(_ text: String) throws(SidecarError) -> Metadata {
    var headers = Metadata()
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let line = line.trimmed
      if line.isEmpty || line.hasPrefix("#") { continue }
      let name = line.prefix { $0 != ":" }.lowercased()
      let value = line.dropFirst(name.utf8.count + 1).trimmed
      guard line.utf8.count > name.utf8.count, Metadata.isName(name), !value.isEmpty,
        value.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
      else {
        throw SidecarError("line \(index + 1) is not a header: it must be NAME: VALUE", .badFile)
      }
      headers.append(name, String(value))
    }
    return headers
  }
}

extension SidecarError {
  fileprivate init(headersFile path: String, _ cause: any Error) {
    self.init(
      "traces.headers-file: \(path): \(cause)", cause is FileError ? .unreadableFile : .badFile)
  }
}

extension Substring {
  /// Without blanks at either end.
  fileprivate var trimmed: Substring {
    var text = drop { $0.isWhitespace }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
