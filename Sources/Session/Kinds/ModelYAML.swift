import Base
import Formats
import Foundation
import Grids
import Workspace

/// A model's configuration as VisionCore reads it, beside the tensors of an export: `NAME_model.yaml` beside `NAME.safetensors`.
struct ModelYAML {
  let path: String
  private let text: String

  /// The first line of every such file: what bears it was written by an export, and may be replaced by one.
  private static let mark = "Written by vcsh export: the configuration of the model whose tensors stand beside it"

  /// - Parameter tensorsPath: the file with the tensors.
  /// - Throws: `unsupported` for a number that is not finite.
  init(_ configuration: ConfigNode, beside tensorsPath: String) throws {
    path = (tensorsPath as NSString).deletingPathExtension + "_model.yaml"
    text = try YAMLText.of(configuration, heading: [Self.mark])
  }

  /// Refuses to replace a file that no export has written, and one that a named object reads.
  ///
  /// - Throws: `conflict` with the file; what reading it throws.
  func check(in workspace: Workspace) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    let first = "# \(Self.mark)\n"
    guard let file = try? RegularFile(path: path), try start(file, first.utf8.count) == Data(first.utf8) else {
      throw Failure(
        .conflict,
        "\(path) is there already, and vcsh has not written it: a .safetensors needs this place for the model's configuration",
        hint: "choose another name")
    }
    if try !isWritten(file) { try workspace.checkOverwriting(path, by: nil, at: nil) }
  }

  /// - Throws: what writing throws.
  func write() throws {
    if let file = try? RegularFile(path: path), try isWritten(file) { return }
    try AtomicFile.write(Data(text.utf8), to: path)
  }

  /// Whether a file has this very text already.
  private func isWritten(_ file: RegularFile) throws -> Bool {
    try file.size == text.utf8.count && start(file, file.size) == Data(text.utf8)
  }

  private func start(_ file: RegularFile, _ count: Int) throws -> Data { try file.read(0..<min(count, file.size)) }
}
