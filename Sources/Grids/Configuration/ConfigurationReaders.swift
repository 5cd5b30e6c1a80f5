import Base
import Formats

/// What reads the two YAML files of a training, for checks that need no data.
package struct ConfigurationReaders: Sendable {
  /// Throws a failure that names the option by its path.
  package var model: @Sendable (ConfigNode) throws -> Void
  package var data: @Sendable (ConfigNode) throws -> Void
  /// Throws a failure that names an option of the model, given its dotted path and its new value, that nothing would read.
  package var option: @Sendable (_ path: String, ConfigNode) throws -> Void
  /// Throws a failure where the model can't be shown what the dataset YAML asks for.
  package var both: @Sendable (_ model: ConfigNode, _ data: ConfigNode) throws -> Void
  /// Whether something is made of an option of the dataset YAML that has this dotted path.
  package var readsData: @Sendable (_ path: String) -> Bool
  /// The words that a training setting takes, where it takes no others.
  package var choices: [String: [String]]

  package init(
    model: @escaping @Sendable (ConfigNode) throws -> Void, data: @escaping @Sendable (ConfigNode) throws -> Void,
    option: @escaping @Sendable (_ path: String, ConfigNode) throws -> Void,
    both: @escaping @Sendable (_ model: ConfigNode, _ data: ConfigNode) throws -> Void,
    readsData: @escaping @Sendable (_ path: String) -> Bool, choices: [String: [String]] = [:]
  ) {
    (self.model, self.data, self.option, self.both) = (model, data, option, both)
    (self.readsData, self.choices) = (readsData, choices)
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
