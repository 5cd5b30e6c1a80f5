import Base
import Formats
import Foundation
import Twin

/// All that decides what a training does: VisionCore's model and dataset YAML, and the settings of its command line.
public struct RunConfiguration: Sendable, Equatable {
  public enum Part: String, CaseIterable, Sendable, Codable {
    case model, data, training

    /// In messages.
    var title: String {
      switch self {
      case .model: "the model's YAML"
      case .data: "the dataset YAML"
      case .training: "the training settings"
      }
    }
  }

  public var model: ConfigNode
  public var data: ConfigNode
  public var training: ConfigNode
  /// The sessions' own YAML files, where an axis chooses among their cells.
  public var sessions: [ConfigNode.Entry] = []

  package init(model: ConfigNode, data: ConfigNode, training: ConfigNode) {
    (self.model, self.data, self.training) = (model, data, training)
  }

  package subscript(part: Part) -> ConfigNode {
    get {
      switch part {
      case .model: model
      case .data: data
      case .training: training
      }
    }
    set {
      switch part {
      case .model: model = newValue
      case .data: data = newValue
      case .training: training = newValue
      }
    }
  }

  /// The same for two runs that train the same, whatever they are called and in whatever order their keys stand.
  package var digest: String {
    get throws {
      var nodes = [model, data, training].map(\.canonical)
      if !sessions.isEmpty { nodes.append(ConfigNode.map(sessions).canonical) }
      return Digest.of(try nodes.map { try $0.jsonText() }.joined(separator: "\n"))
    }
  }

  /// Dotted paths that VisionCore does not know, so that it would ignore or refuse them.
  package func ownPaths(_ part: Part) -> [String] {
    switch part {
    case .data: return []
    case .training:
      return (training.mapValue ?? []).map(\.key).filter { !TrainingKeys.visionCore.contains($0) }
    case .model:
      let options = TwinArchitecture.ownOptionPaths.filter { model.at($0).map { !$0.isNull } ?? false }
      let norms = Self.normPaths(model, []).filter { norm in
        !TwinArchitecture.visionCoreNorms.contains(norm.type.lowercased())
      }
      return options + norms.map(\.path) + (model["output_calibration"] == nil ? [] : ["output_calibration"])
    }
  }

  /// Every `norm_type` with its value.
  private static func normPaths(_ node: ConfigNode, _ path: [String]) -> [(path: String, type: String)] {
    switch node {
    case .map(let entries):
      entries.flatMap { entry -> [(path: String, type: String)] in
        if entry.key == "norm_type", let type = entry.value.stringValue {
          return [((path + [entry.key]).joined(separator: "."), type)]
        }
        return normPaths(entry.value, path + [entry.key])
      }
    case .list(let items):
      items.enumerated().flatMap { normPaths($0.element, path + [String($0.offset)]) }
    default: []
    }
  }

  /// The comment of a line that VisionCore does not know.
  package static let ownRemark = "only vcsh knows this"

  package func yaml(_ part: Part, heading: [String]) throws -> String {
    try YAMLText.of(
      self[part], heading: heading,
      remarks: Dictionary(ownPaths(part).map { ($0, Self.ownRemark) }, uniquingKeysWith: { first, _ in first }))
  }
}
