import Layers
import Twin

/// Parameters that share a learning rate and a weight decay.
///
/// Source: VisionCore's four groups (SEMANTICS 16): the core (frontend, convnet, modulator) learns at a rate of its own,
/// and only weights of more than one axis decay.
public struct ParameterGroup: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case coreDecayed = "core, decayed"
    case core = "core, not decayed"
    case headDecayed = "heads, decayed"
    case head = "heads, not decayed"

    public var isCore: Bool { self == .coreDecayed || self == .core }
    public var decays: Bool { self == .coreDecayed || self == .headDecayed }
  }

  public let kind: Kind
  /// In the order of the checkpoint.
  public let names: [String]

  /// The groups of the parameters that training moves, in VisionCore's order; groups without a parameter are left out.
  ///
  /// - Parameter isFrozen: parameters that stay as they are.
  public static func of(_ architecture: TwinArchitecture, isFrozen: (ParameterInfo) -> Bool = { _ in false })
    -> [ParameterGroup]
  {
    let moved = architecture.tensorUses.filter { $0.status == .used && !isFrozen($0.parameter) }.map(\.parameter)
    return Kind.allCases.compactMap { kind in
      let names = moved.filter { Self.kind(of: $0) == kind }.map(\.name)
      return names.isEmpty ? nil : ParameterGroup(kind: kind, names: names)
    }
  }

  private static func kind(of parameter: ParameterInfo) -> Kind {
    let decays = parameter.name.hasSuffix(".weight") && parameter.shape.count > 1
    let isCore = ["frontend", "convnet", "modulator"].contains { parameter.name.contains($0) }
    return isCore ? (decays ? .coreDecayed : .core) : (decays ? .headDecayed : .head)
  }
}
