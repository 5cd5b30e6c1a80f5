import Base
import Formats
import Foundation

/// A file of which every array is read once, as a user would who evaluates all that it holds.
package struct WholeFile: Sendable {
  package let kind: FileKind
  /// What each array is, by name, in file order.
  package let arrays: [(name: String, info: ArrayInfo)]

  /// Recognises `path`, opens it and reads every array that it declares.
  ///
  /// - Throws: the first failure that opening or reading meets; `unsupported` for kinds that vcsh does not read.
  package init(path: String) throws {
    kind = try FileKind.recognise(path)
    var arrays: [(name: String, info: ArrayInfo)] = []
    switch kind {
    case .torchZip, .torchLegacy, .pickle:
      let archive = try TorchArchive(path: path)
      for (position, reference) in archive.root.graph.tensors.enumerated() {
        _ = try archive.tensor(reference)
        arrays.append(("\(position)", reference.info))
      }
    case .npz:
      let archive = try NpzArchive(path: path)
      arrays = try WholeFile.reading(archive)
    case .npy:
      let array = try NpyArray(path: path)
      if let info = array.info {
        _ = try array.stored().tensor()
        arrays.append(("", info))
      }
    case .safetensors:
      let archive = try SafetensorsArchive(path: path)
      arrays = try WholeFile.reading(archive)
    case .yaml: _ = try YAMLDocument.read(path: path)
    case .directory: break
    case .unknown: throw ForeignFile.refusal(path)
    }
    self.arrays = arrays
  }

  private static func reading(_ source: some ArraySource) throws -> [(name: String, info: ArrayInfo)] {
    var arrays: [(name: String, info: ArrayInfo)] = []
    for name in source.arrayNames {
      guard let info = source.info(name) else {
        if let failure = source.obstacle(name), failure.kind == .format { throw failure }
        continue
      }
      _ = try source.tensor(name)
      arrays.append((name, info))
    }
    return arrays
  }
}
