import Layers

/// What a twin does with one of its checkpoint's tensors.
public struct TensorUse: Sendable, Equatable {
  public enum Status: String, Sendable, CaseIterable {
    /// Outputs depend on it and training moves it.
    case used
    /// Outputs depend on it; no gradient reaches it.
    case fixed
    /// Nothing depends on it.
    case dead
    /// It belongs to a head that does not fit its configuration.
    case unknown
  }

  public var parameter: ParameterInfo
  public var status: Status
  /// Why it is fixed, dead or unknown.
  public var reason: String?
  public var silentTaps: SilentTaps?
  /// No layer of the configuration has a place for it.
  public var isUnexpected = false
}

extension TwinArchitecture {
  /// The use of every tensor, in file order.
  public var tensorUses: [TensorUse] {
    let read = Dictionary(layers.storedTensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return parameters.map { parameter in
      if let stored = read[parameter.name] {
        let fixed = stored.fixed ?? (stored.isBuffer ? "a buffer: training keeps no gradient for it" : nil)
        return TensorUse(
          parameter: parameter, status: stored.dead != nil ? .dead : fixed != nil ? .fixed : .used,
          reason: stored.dead ?? fixed, silentTaps: stored.silentTaps)
      }
      if let head = parameter.head, case .failure(let failure)? = layers.heads[head] {
        return TensorUse(
          parameter: parameter, status: .unknown, reason: "head \(head) can't be built: \(failure.message)")
      }
      // VisionCore keeps a linear readout's bias under two names.
      let other = parameter.name.hasSuffix(".bias") ? String(parameter.name.dropLast("bias".count)) + "fc.bias" : ""
      let isAlias = read[other] != nil
      return TensorUse(
        parameter: parameter, status: .dead,
        reason: isAlias ? "stored twice: `\(other)` is the one that is used" : "no layer reads it",
        isUnexpected: !isAlias)
    }
  }
}

extension TwinLayers {
  /// The tensors of all layers, those of heads that could be built included.
  var storedTensors: [StoredTensor] {
    let shared = [frontend, convnet, recurrent, outputActivation] + [baselineActivation].compactMap { $0 }
    var all = shared.flatMap(\.allTensors) + (modulator?.tensors ?? [])
    for case .success(let head) in heads.values {
      all += head.adapter.allTensors + head.readout.tensors + (head.history?.perceptron.tensors ?? [])
      all += head.calibration?.tensors ?? []
      if let baseline = head.baseline { all.append(baseline.stored) }
    }
    return all
  }
}

extension Layer {
  /// Its own tensors and those of all layers in it.
  var allTensors: [StoredTensor] { tensors + children.flatMap(\.allTensors) }
}
