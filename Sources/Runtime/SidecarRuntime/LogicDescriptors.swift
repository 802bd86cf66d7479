import Files
import SidecarConfiguration
import Wire

extension Configuration {
  /// The descriptor sets that the settings name; nothing where they name none.
  func readDescriptors() throws(SidecarError) -> DescriptorSet {
    var set = DescriptorSet()
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

  /// Where all logic listens that may describe its messages, each once.
  var logicEndpoints: [Endpoint] {
    distinct(
      domains.flatMap { [$0.logic] + $0.projectors.map(\.logic) } + sagas.map(\.logic))
  }
}
