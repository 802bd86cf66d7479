import Files
import Foundation
import Synchronization
import Testing

@Suite final class FileBackedValueTests {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "outrider-file-\(UInt64.random(in: 0...UInt64.max))").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ content: String) throws {
    try Data(content.utf8).write(to: URL(filePath: path))
  }

  struct NoNumber: Error {}

  /// What is tried, and what is told.
  final class Log: Sendable {
    let tried = Mutex<[String]>([])
    let told = Mutex<[String]>([])
  }

  let log = Log()

  /// The number that is in the file.
  func number(every interval: Duration = .zero) throws -> FileBackedValue<[UInt8], Int> {
    try FileBackedValue(every: interval) { [path] in
      try readSmallFile(path)
    } make: { [log] bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      log.tried.withLock { $0.append(text) }
      guard let number = Int(text) else { throw NoNumber() }
      return number
    } failed: { [log] failure in
      log.told.withLock { $0.append(failure) }
    }
  }

  @Test func changedFileIsMadeAnew() throws {
    try write("1")
    let number = try number()
    #expect(number.current() == 1)
    try write("2")
    #expect(number.current() == 2)
    #expect(number.current() == 2)
    #expect(log.tried.withLock { $0 } == ["1", "2"])
  }

  @Test func contentOfNoUseIsTriedAndToldOnce() throws {
    try write("1")
    let number = try number()
    for content in ["one", "two"] {
      try write(content)
      for _ in 0..<3 { #expect(number.current() == 1) }
    }
    #expect(log.tried.withLock { $0 } == ["1", "one", "two"])
    #expect(log.told.withLock { $0.count } == 2)
    try write("1")
    #expect(number.current() == 1)
    try write("2")
    #expect(number.current() == 2)
  }

  @Test func fileThatCannotBeReadIsToldOnceAndReadAgain() throws {
    try write("1")
    let number = try number()
    for told in 1...2 {
      try FileManager.default.removeItem(atPath: path)
      for _ in 0..<3 { #expect(number.current() == 1) }
      #expect(log.told.withLock { $0.count } == told)
      try write("1")
      #expect(number.current() == 1)
    }
    #expect(log.tried.withLock { $0 } == ["1"])
  }

  @Test func fileIsReadWhenItIsTimeOrTheValueDidNotDo() throws {
    try write("1")
    let number = try number(every: .seconds(3600))
    try write("2")
    #expect(number.current() == 1)
    number.expire()
    #expect(number.current() == 2)
  }

  @Test func whatNothingCanBeMadeOfIsNoBeginning() throws {
    #expect(throws: FileError.self) { try number() }
    try write("one")
    #expect(throws: NoNumber.self) { try number() }
    try write(String(repeating: "1", count: 1 << 20))
    #expect(throws: FileError.self) { try number() }
  }
}
