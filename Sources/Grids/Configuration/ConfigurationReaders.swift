import Base
import Formats

/// What reads the two YAML files of a training, for checks that need no data.
package struct ConfigurationReaders: Sendable {
  /// Throws a failure that names the option by its path.
  package var model: @Sendable (ConfigNode) throws -> Void
  package var data: @Sendable (ConfigNode) throws -> Void
  /// Whether something is made of an option of the dataset YAML that has this dotted path.
  package var readsData: @Sendable (_ path: String) -> Bool
  /// The words that a training setting takes, where it takes no others.
  package var choices: [String: [String]]

  package init(
    model: @escaping @Sendable (ConfigNode) throws -> Void, data: @escaping @Sendable (ConfigNode) throws -> Void,
    readsData: @escaping @Sendable (_ path: String) -> Bool, choices: [String: [String]] = [:]
  ) {
    (self.model, self.data, self.readsData, self.choices) = (model, data, readsData, choices)
  }

  /// Checks a file as a whole; nothing for the training settings, which are checked one by one.
  func read(_ node: ConfigNode, _ part: RunConfiguration.Part) throws {
    switch part {
    case .model: try model(node)
    case .data: try data(node)
    case .training: break
    }
  }
}
