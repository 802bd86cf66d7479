import OutriderTesting
import Testing

@testable import SidecarConfiguration

@Suite struct YAMLReaderTests {
  private func failure(_ text: String) -> YAMLError? {
    do throws(YAMLError) {
      _ = try YAMLReader.read(Array(text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func treeHasTheLinesOfTheFile() throws {
    let node = try YAMLReader.read(Array("a:\n  - x\n  - 'y z'\n".utf8))
    let items = YAMLNode(
      line: 2,
      content: .sequence([
        YAMLNode(line: 2, content: .scalar("x")), YAMLNode(line: 3, content: .scalar("y z")),
      ]))
    #expect(node == YAMLNode(line: 1, content: .mapping([.init(key: "a", line: 1, value: items)])))
  }

  @Test(arguments: [
    ("a: 1\nb: [", 3), ("a: 1\na: 2", 2), ("a: &x 1\nb: *x", 1), ("a: *x", 1), ("a: !!str 1", 1),
    ("a: 1\n---\nb: 1", 2), ("? [a]\n: 1", 1), ("a:\n\t- 1", 2), ("a: \"\\q\"", 1), ("}", 1),
  ])
  func whatIsRefusedHasItsLine(text: String, line: Int) {
    #expect(failure(text)?.line == line)
  }

  @Test func bytesThatAreNotTextAreRefused() {
    #expect(throws: YAMLError.self) { try YAMLReader.read([0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
    #expect(throws: YAMLError.self) { try YAMLReader.read([0x61, 0x3A, 0x20, 0x00]) }
  }

  @Test func depthIsBounded() {
    #expect(failure(String(repeating: "[", count: 100_000))?.message.contains("deeper") == true)
    #expect(failure(String(repeating: "- ", count: 1000))?.message.contains("deeper") == true)
  }

  @Test func sizeIsBounded() {
    let text = "a: " + String(repeating: "x", count: YAMLReader.byteCountMax)
    #expect(failure(text)?.message.contains("longer") == true)
  }

  @Test func noMutationOfAFileCrashes() {
    let seed = """
      store: "sqlite:./data"   # a comment
      port: {command-handler: 1313, query-handler: 0}
      limit:
        cache-size: 64MiB
      domains:
        - name: bank
          logic: {address: '127.0.0.1:1737', command: [python3, "-u", bank.py]}
          projectors: [{name: balance, synchronous: true}]
        - name: &anchor shop
          logic:
            address: |
              multi
      """
    var random = SeededRandom(seed: 1)
    let alphabet = Array("\u{0}\n\t :-[]{},&*!|>'\"%@`#?ab0\u{FF}".utf8) + [0xFF, 0xC3]
    for _ in 0..<3000 {
      var bytes = Array(seed.utf8)
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let index = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = alphabet.randomElement(using: &random)!
        case 1: bytes.insert(alphabet.randomElement(using: &random)!, at: index)
        case 2: bytes.removeSubrange(index..<min(bytes.count - 1, index + 5))
        default: bytes += bytes[..<index]
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      var sources = ConfigurationSources()
      sources.file = ConfigurationFile(path: "outrider.yaml", bytes: bytes)
      _ = try? sources.resolve()
    }
  }
}
