import Base
import Formats

/// The YAML files that one `open` reads: several recordings and heads may name the same file, which is parsed once.
package final class YAMLFiles {
  private var known: [String: Result<ConfigNode, any Error>] = [:]

  /// - Throws: as `YAMLDocument.read`.
  func read(_ path: String) throws -> ConfigNode {
    if let result = known[path] { return try result.get() }
    let result = Result { try YAMLDocument.read(path: path) }
    known[path] = result
    return try result.get()
  }

  /// Nil where the file is not YAML that can be read.
  ///
  /// - Throws: `interrupted`.
  func readable(_ path: String) throws -> ConfigNode? {
    do {
      return try read(path)
    } catch let failure as Failure where failure.kind != .interrupted {
      return nil
    }
  }
}
