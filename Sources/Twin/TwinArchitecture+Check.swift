import Base
import Formats
import Layers

extension TwinArchitecture {
  /// Checks the options of a model's configuration by building its layers, for one head with one cell; no tensor is needed.
  ///
  /// Options that training alone reads, such as `regularization`, are not looked at.
  ///
  /// - Throws: `unsupported` naming the option by its path, with the option that was probably meant.
  package static func check(configuration: ConfigNode) throws {
    let layers = try TwinLayers(configuration, source: Blueprint(cellCounts: [1]), purpose: .shapes, heads: [])
    _ = try layers.head(0)
  }
}
