import EventModel
import LibCrypto

extension Name {
  /// A domain's name for a file or a collection, whose names have a limited length.
  ///
  /// - Parameters:
  ///   - encoded: the name in the characters that the store allows, without `~`.
  ///   - byteCountMax: a longer one is cut, and ends in `~` and the name's digest.
  public func stored(as encoded: String, byteCountMax: Int) -> String {
    if encoded.utf8.count <= byteCountMax { return encoded }
    let digest = "~" + LibCrypto.hexSHA256(Array(utf8))
    return encoded.prefix(byteCountMax - digest.utf8.count) + digest
  }
}
