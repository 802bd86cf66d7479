import STOMP

/// Frames come out the same, whatever the chunks in which their bytes come in, and a session takes
/// or refuses each. The first byte is the size of the chunks.
@Sendable func feedSTOMP(_ input: [UInt8]) {
  guard let chunk = input.first.map({ Int($0) + 1 }) else { return }
  let bytes = Array(input.dropFirst())
  let atOnce = frames(bytes, chunk: .max)
  precondition(atOnce == frames(bytes, chunk: chunk), "chunks of \(chunk) bytes change the frames")
  var session = ServerSession()
  for frame in atOnce {
    // What came in can go out again.
    if !frame.body.contains(0), frame["content-length"] == nil {
      let again = frames(frame.bytes, chunk: .max)
      precondition(again.first?.body == frame.body, "the body changed: \(frame)")
    }
    guard let request = try? session.receive(frame) else { return }
    if case .logIn(let connect) = request { _ = session.accept(connect, session: "1") }
  }
}

private func frames(_ bytes: [UInt8], chunk: Int) -> [Frame] {
  var parser = FrameParser(
    limits: FrameLimits(headByteCount: 512, headerCount: 8, bodyByteCount: 256))
  var frames: [Frame] = []
  var rest = bytes[...]
  while !rest.isEmpty {
    var part = rest.prefix(chunk)
    rest = rest.dropFirst(chunk)
    do {
      while let item = try parser.next(from: &part) {
        if case .frame(let frame) = item { frames.append(frame) }
      }
    } catch { break }
  }
  return frames
}
