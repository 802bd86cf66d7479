import Glibc
import SidecarConfiguration
import Synchronization
import Testing
import Timing

@testable import LiveConfiguration

@Suite(.timeLimit(.minutes(5))) struct ConfigurationWatchTests {
  private enum Step: Sendable {
    case text(String)
    case gone
    case failure
  }

  private struct Failure: Error {}

  /// Goes through these steps, and then waits until its task is cancelled.
  private struct ScriptedText: WatchedText {
    var steps: [Step]

    mutating func next() async throws -> [UInt8]? {
      guard !steps.isEmpty else {
        withUnsafeCurrentTask { $0?.cancel() }
        throw CancellationError()
      }
      switch steps.removeFirst() {
      case .text(let text): return Array(text.utf8)
      case .gone: return nil
      case .failure: throw Failure()
      }
    }
  }

  /// The texts that are told of, and what is logged.
  private func watched(_ steps: Step...) async -> (texts: [String], log: [String]) {
    let log = RecordedLog()
    let texts = Mutex<[String]>([])
    var time = Environment.live
    time.sleep = { _ in }
    let watch = ConfigurationWatch(
      ScriptedText(steps: steps), after: ConfigurationFile(path: "a.yaml", bytes: Array("1".utf8)),
      logger: log.logger, time: time)
    await Task {
      await watch.run { file in
        texts.withLock { $0.append(String(decoding: file.bytes, as: UTF8.self)) }
      }
    }.value
    return (texts.withLock { $0 }, log.lines)
  }

  @Test func eachNewTextIsToldOnce() async {
    let (texts, log) = await watched(
      .text("1"), .text("2"), .text("2"), .text("3"), .text("1"), .text("1"))
    #expect(texts == ["2", "3", "1"])
    #expect(log.isEmpty)
  }

  @Test func failureIsLoggedOnceAndItsEndToo() async {
    let (texts, log) = await watched(.failure, .failure, .failure, .text("1"), .text("2"))
    #expect(texts == ["2"])
    #expect(
      log == [
        "the configuration cannot be read; the one that runs stays",
        "the configuration can be read again",
      ])
  }

  @Test func deletedTextChangesNothing() async {
    let (texts, log) = await watched(.gone, .gone, .text("1"))
    #expect(texts == [])
    #expect(
      log == [
        "the configuration was deleted; the one that runs stays",
        "the configuration can be read again",
      ])
  }

  @Test func textThatIsDeletedWhileNobodyAnswersIsToldOf() async {
    let (_, log) = await watched(.failure, .gone, .failure)
    #expect(log.count == 3)
  }
}

/// A file whose text is written in pieces.
@Suite(.timeLimit(.minutes(5))) final class FileTextTests: Sendable {
  private let directory: String
  private let path: String

  init() {
    var template = Array("/tmp/outrider-text-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
    path = "\(directory)/outrider.yaml"
    write("")
  }

  deinit {
    unlink(path)
    rmdir(directory)
  }

  private func write(_ text: String) {
    let file = fopen(path, "w")
    fputs(text, file)
    fclose(file)
  }

  @Test func textIsTakenOnceItStaysTheSame() async throws {
    let pieces = Mutex(["a", "a: ", "a: 1"])
    var time = Environment.live
    time.sleep = { [self] _ in
      let piece = pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      if let piece { write(piece) }
    }
    let text = try #require(FileText(path, time: time))
    #expect(try await text.next() == Array("a: 1".utf8))
  }

  @Test func whatIsNoRegularFileIsNotWatched() {
    #expect(FileText("/dev/null", time: .live) == nil)
    #expect(FileText("\(path)-missing", time: .live) == nil)
  }
}
