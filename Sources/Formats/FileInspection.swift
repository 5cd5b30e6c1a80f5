import Base
import Foundation

/// Everything that a file declares: its kind and its arrays, each of which is read once.
public struct FileInspection: Sendable {
  public let path: String
  public let kind: FileKind
  /// What each array is, by name, in file order.
  public let arrays: [(name: String, info: ArrayInfo)]
  /// What the file holds: "a dict", "a list".
  public let summary: String

  /// Recognises `path`, opens it and reads every array that it declares.
  ///
  /// - Throws: the first failure that opening or reading meets; `unsupported` for kinds that vcsh does not read.
  public init(path: String) throws {
    self.path = path
    kind = try FileKind.recognise(path)
    var arrays: [(name: String, info: ArrayInfo)] = []
    switch kind {
    case .torchZip, .torchLegacy, .pickle:
      let archive = try TorchArchive(path: path)
      for (position, reference) in archive.root.graph.tensors.enumerated() {
        _ = try archive.tensor(reference)
        arrays.append(("\(position)", reference.info))
      }
      summary = archive.root.kindName
    case .npz:
      let archive = try NpzArchive(path: path)
      arrays = try FileInspection.reading(archive)
      summary = "arrays"
    case .npy:
      let array = try NpyArray(path: path)
      if let info = array.info {
        _ = try array.stored().tensor()
        arrays.append(("", info))
      }
      summary = array.isNumeric ? "an array" : "an array of something other than numbers"
    case .safetensors:
      let archive = try SafetensorsArchive(path: path)
      arrays = try FileInspection.reading(archive)
      summary = "tensors"
    case .yaml: summary = try YAMLDocument.read(path: path).kindName
    case .directory: summary = "a folder"
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
