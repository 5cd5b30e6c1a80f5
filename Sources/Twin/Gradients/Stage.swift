import Base
import Layers

/// A part of a twin on the way from the stimulus to the rates, in this order.
enum Stage: Int, Sendable, CaseIterable {
  case adapter, frontend, convnet, modulator, recurrent
  /// With spike history, output activation and baseline.
  case readout

  /// Those before the readout.
  static let core: [Stage] = [.adapter, .frontend, .convnet, .modulator, .recurrent]
}

extension Stage {
  /// The first stage with a parameter whose gradient is asked for: the adapter where all are, the readout where none is.
  static func first(_ head: TwinLayers.Head, _ layers: TwinLayers, _ trained: Set<String>?) -> Stage {
    guard let trained else { return .adapter }
    return core.first { stage in
      stage.tensors(head, layers).contains { Pass.isReached($0) && trained.contains($0.name) }
    } ?? .readout
  }

  private func tensors(_ head: TwinLayers.Head, _ layers: TwinLayers) -> [StoredTensor] {
    switch self {
    case .adapter: head.adapter.allTensors
    case .frontend: layers.frontend.allTensors
    case .convnet: layers.convnet.allTensors
    case .modulator: layers.modulator?.tensors ?? []
    case .recurrent: layers.recurrent.allTensors
    case .readout: head.readout.tensors
    }
  }
}

extension TwinRun {
  /// The first stage with a parameter whose gradient is asked for.
  func firstTrained(_ trained: Set<String>?) -> Stage { Stage.first(head, layers, trained) }

  /// One stage before the readout.
  ///
  /// - Parameter behavior: receives the gradient of the modulator's rows on the way back, `[sample, column]`.
  func traced(
    _ stage: Stage, _ features: FeatureBatch, _ samples: Range<Int>, _ pass: Pass,
    behavior: @escaping ([Float]) -> Void = { _ in }
  ) throws -> TracedBatch {
    switch stage {
    case .adapter: return try head.adapter.traced(features, pass)
    case .frontend: return try layers.frontend.traced(features, pass)
    case .convnet: return try layers.convnet.traced(features, pass)
    case .recurrent: return try layers.recurrent.traced(features, pass)
    case .readout: return (features, { $0 })
    case .modulator:
      guard let modulator else { return (features, { $0 }) }
      let rows = samples.map { self.behavior($0, modulator.behaviorCount) }
      let modulated = try modulator.traced(features, behavior: rows, pass)
      return (
        modulated.output,
        { gradient in
          let parts = try modulated.pullback(gradient)
          behavior(parts.behavior)
          return parts.features
        }
      )
    }
  }
}
