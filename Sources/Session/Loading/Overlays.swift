import Base
import Formats
import Workspace

extension ObjectStore {
  /// Stores arrays that stand in place of a file's.
  ///
  /// - Parameters:
  ///   - earlier: what stood there before; of it stays what neither `arrays` nor `isDropped` names.
  /// - Returns: the object's digest.
  package func putOverlay(
    _ arrays: [NamedArray], over earlier: String?, dropping isDropped: (String) -> Bool = { _ in false }
  ) throws -> String {
    var kept: [NamedArray] = []
    if let earlier {
      let archive = try NpzArchive(path: checkedPath(of: earlier))
      for name in archive.arrayNames where !isDropped(name) && !arrays.contains(where: { $0.name == name }) {
        kept.append(NamedArray(name, try archive.tensor(name)))
      }
    }
    return try putFile { try NpzWriter.write(kept + arrays, to: $0) }
  }
}
