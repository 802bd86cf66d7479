import EventModel
import Files
import SidecarConfiguration
import Wire

extension Configuration {
  /// The configured descriptor sets, and others; empty if there are none.
  func readDescriptors(and others: [Bytes]) throws(SidecarError) -> DescriptorSet {
    var set = DescriptorSet()
    for bytes in others {
      do { try set.add(bytes) } catch { throw SidecarError(file: "schema.file", error) }
    }
    guard let path = descriptors else { return set }
    let files: [DescriptorFile]
    do { files = try DescriptorFile.all(at: path) } catch {
      throw SidecarError(file: "descriptors: \(path)", error)
    }
    for file in files {
      do { try set.add(file.bytes) } catch {
        throw SidecarError(file: "descriptors: \(file.path)", error)
      }
    }
    return set
  }

  /// The distinct addresses of logic that may describe its messages. Logic over HTTP cannot.
  var logicEndpoints: [Endpoint] {
    distinct(
      domains.filter { $0.logic.web == nil }.map(\.logic.endpoint)
        + domains.flatMap(\.projectors).map(\.logic) + sagas.compactMap(\.remoteLogic))
  }
}
