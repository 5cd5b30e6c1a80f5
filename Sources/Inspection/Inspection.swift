import Base
import Formats

/// What a file of unknown origin holds, found without making anything of it: no code of the file runs, and no array is kept in
/// memory.
public struct Inspection: Sendable {
  public let path: String
  /// The kind of file in words: "torch archive (zip)".
  public let format: String
  public let byteCount: Int
  /// What the file holds, in the order: callables, settings and objects, tensors, entries, notes.
  public let parts: [InspectedPart]

  /// The gravest judgement of all parts.
  public var verdict: Verdict { parts.compactMap(\.verdict).max() ?? .plainData }

  /// Reads the whole file once where it has checksums.
  ///
  /// - Throws: the first rule of its format that the file breaks, with the offset; `unsupported` for kinds of files that
  ///   vcsh does not read.
  public init(path: String) throws {
    let file = try CandidateFile(path: path)
    let size = try file.kind == .directory ? 0 : RegularFile(path: path).size
    var listing = Listing()
    switch file.kind {
    case .directory: throw Failure(.format, "\(path): a file is needed, not a folder")
    case .unknown: throw ForeignFile.refusal(path)
    case .torchZip, .torchLegacy, .pickle:
      guard let archive = try file.torch() else { throw ForeignFile.refusal(path) }
      format = try TorchInspection.read(archive, into: &listing)
    case .npz:
      guard let archive = try file.npz() else { throw ForeignFile.refusal(path) }
      format = "npz: numpy arrays in a zip"
      try ArrayInspection.read(archive, into: &listing)
    case .npy:
      format = "npy: one numpy array"
      try ArrayInspection.read(NpyArray(path: path), into: &listing)
    case .safetensors:
      guard let archive = try file.safetensors() else { throw ForeignFile.refusal(path) }
      format = "safetensors"
      ArrayInspection.read(archive, into: &listing)
    case .yaml:
      do {
        format = try ConfigurationInspection.read(path, into: &listing)
      } catch let failure as Failure where failure.kind == .format {
        // A text that begins and ends as an old pickle was meant as one.
        throw file.pickleFailure ?? failure
      }
    }
    self.path = path
    byteCount = size
    parts = listing.parts
  }
}
