/// What a tensor belongs to.
public enum Part: String, Sendable, CaseIterable {
  case adapter, frontend, convnet, modulator, recurrent, readout, baseline, history, other

  /// Whether all sessions share it.
  public var isCore: Bool {
    switch self {
    case .frontend, .convnet, .modulator, .recurrent: true
    default: false
    }
  }
}

/// A tensor of a twin, known without reading it.
public struct ParameterInfo: Sendable, Equatable {
  /// Without `model.`.
  public var name: String
  public var shape: [Int]
  public var part: Part
  /// Head that it belongs to; nil for what all sessions share.
  public var head: Int?

  /// Part and head follow from the name.
  public init(name: String, shape: [Int]) {
    self.name = name
    self.shape = shape
    let pieces = name.split(separator: ".")
    let index = pieces.count > 1 ? Int(pieces[1]) : nil
    switch pieces.first {
    case "adapters": (part, head) = (.adapter, index)
    case "adapter": (part, head) = (.adapter, 0)
    case "readouts": (part, head) = (.readout, index)
    case "readout": (part, head) = (.readout, 0)
    case "baselines": (part, head) = (.baseline, index)
    case "baseline": (part, head) = (.baseline, 0)
    case "spike_history": (part, head) = (.history, index ?? 0)
    case "frontend": (part, head) = (.frontend, nil)
    case "convnet": (part, head) = (.convnet, nil)
    case "modulator": (part, head) = (.modulator, nil)
    case "recurrent": (part, head) = (.recurrent, nil)
    default: (part, head) = (.other, nil)
    }
  }

  public var count: Int { shape.reduce(1, *) }
}
