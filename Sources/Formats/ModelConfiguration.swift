import Base

/// Finds a model's configuration in what a trainer saved with it, or in a YAML file.
public enum ModelConfiguration {
  /// Where it stands, in the order of preference.
  private static let names = ["model_config_dict", "model_config", "model", "config", "cfg"]

  /// The map that configures a twin (`model_type` with its parts), also inside other maps or as YAML or JSON text.
  public static func find(in node: ConfigNode) -> ConfigNode? { find(in: node, depth: 0) }

  private static func find(in node: ConfigNode, depth: Int) -> ConfigNode? {
    guard depth < 8 else { return nil }
    switch node {
    case .map(let entries):
      if isConfiguration(node) { return node }
      let first = names.compactMap { node[$0] } + entries.filter { !names.contains($0.key) }.map(\.value)
      return first.lazy.compactMap { find(in: $0, depth: depth + 1) }.first
    case .string(let text): return parsed(text).flatMap { find(in: $0, depth: depth + 1) }
    default: return nil
    }
  }

  private static func isConfiguration(_ node: ConfigNode) -> Bool {
    node["model_type"]?.stringValue != nil && ["frontend", "convnet", "readout"].contains { node[$0] != nil }
  }

  /// Whether a text names what configures a twin.
  static func mayHold(_ text: String) -> Bool {
    text.contains("model_type") && (text.contains("readout") || text.contains("convnet"))
  }

  /// A text that holds a configuration; nil for any other, or one that does not parse.
  static func parsed(_ text: String) -> ConfigNode? {
    guard mayHold(text) else { return nil }
    return try? YAMLDocument.parse(text: text, name: "the configuration")
  }

  /// The configuration of `hyper_parameters`, else what looks like one elsewhere in the file.
  ///
  /// - Throws: `format` where `model_config_dict` is text that is not YAML.
  static func find(hyperParameters: ConfigNode, others: [ConfigNode], origin: String) throws -> ConfigNode? {
    if let given = hyperParameters["model_config_dict"] {
      if case .map = given { return given }
      if case .string(let text) = given {
        let node = try YAMLDocument.parse(text: text, name: "\(origin): model_config_dict")
        if case .map = node { return node }
      }
    }
    return ([hyperParameters] + others).lazy.compactMap { find(in: $0) }.first
  }
}
