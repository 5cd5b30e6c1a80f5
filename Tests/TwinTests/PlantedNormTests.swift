import Base
import Formats
import Foundation
import Testing
import Twin

/// A twin whose gain follows the stimulus by a known rule, and twins that are trained on its rates.
@Suite("A planted gain")
struct PlantedNormTests {
  /// Channels that one block passes on with a norm of this type, then two readouts and a softplus.
  private func twin(_ norm: String, _ tensors: [String: Tensor]) -> TinyTwin {
    var twin = TinyTwin(channels: 2, block: [.init("norm_type", .string(norm))], outputActivation: "softplus")
    twin.tensors = tensors
    twin.readsPlaces = true
    return twin
  }

  /// Windows of noise with a standard deviation each.
  private func windows(_ contrasts: [Float], seed: UInt32) -> Tensor {
    var generator = MersenneTwister(seed: seed)
    let size = 2 * 3 * 4 * 4
    let values = contrasts.flatMap { contrast in (0..<size).map { _ in contrast * Float(generator.normal()) } }
    return Tensor(shape: [contrasts.count, 2, 3, 4, 4], values: values)
  }

  /// Starts near the identity: what is drawn is small, the last map 0.
  private var fresh: [String: Tensor] {
    var generator = MersenneTwister(seed: 8)
    func drawn(_ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) })
    }
    return [
      "norm.W1": drawn([8, 3]), "norm.b1": drawn([8]), "norm.W2": Tensor(zeros: [4, 8]), "norm.b2": Tensor(zeros: [4]),
    ]
  }

  /// Mean squared difference of rates.
  private func distance(to target: Tensor) -> TrainableTwin.LossFunction {
    { outputs in
      var gradient = outputs
      var loss = 0.0
      let count = Double(outputs.count)
      for (index, (own, wanted)) in zip(outputs.values, target.values).enumerated() {
        let difference = Double(own) - Double(wanted)
        loss += difference * difference / count
        gradient.values[index] = Float(2 * difference / count)
      }
      return (loss, gradient)
    }
  }

  /// Gradient descent with Adam's step sizes on the norm and the readouts' biases and weights.
  private func trained(_ twin: TinyTwin, on windows: Tensor, to target: Tensor) throws -> ParameterStore {
    let architecture = try twin.architecture()
    var store = try ParameterStore(twin.source())
    var moments: [String: (first: [Double], second: [Double])] = [:]
    for step in 1...400 {
      let gradients = try TrainableTwin(architecture: architecture, source: store).gradients(
        .init(stimulus: windows), head: 0, mode: .eval, objective: distance(to: target)
      ).parameters
      for name in gradients.names where name.contains("norm.") || name.contains("readout.") {
        guard let gradient = gradients[name] else { continue }
        var own = moments[name] ?? (gradient.values.map { _ in 0 }, gradient.values.map { _ in 0 })
        var tensor = try store.tensor(name)
        for (index, value) in gradient.values.enumerated() {
          own.first[index] = 0.9 * own.first[index] + 0.1 * Double(value)
          own.second[index] = 0.99 * own.second[index] + 0.01 * Double(value) * Double(value)
          let mean = own.first[index] / (1 - pow(0.9, Double(step)))
          let scale = (own.second[index] / (1 - pow(0.99, Double(step)))).squareRoot()
          tensor.values[index] -= Float(0.01 * mean / (scale + 1e-8))
        }
        moments[name] = own
        try store.set(name, to: tensor)
      }
    }
    return store
  }

  private func rates(_ twin: TinyTwin, _ store: ParameterStore, _ windows: Tensor) throws -> Tensor {
    let network = try TwinNetwork(architecture: twin.architecture(), source: store)
    return try network.forward(.init(stimulus: windows), head: 0).rates
  }

  @Test("A norm that can express a gain that falls with contrast fits it, one that can't does not, on new windows too")
  func plantedGain() throws {
    // The planted gain is 1 - 0.8 sigmoid-like of contrast: a stimulus-conditioned norm with one unit that looks at contrast.
    var planted = fresh
    planted["norm.W1"] = Tensor(shape: [8, 3], values: [0, 2, 0] + [Float](repeating: 0, count: 21))
    planted["norm.b1"] = Tensor(shape: [8], values: [-1] + [Float](repeating: 0, count: 7))
    var last = Tensor(zeros: [4, 8])
    (last.values[0], last.values[8]) = (-0.35, -0.25)
    planted["norm.W2"] = last
    let truth = twin("stimcond_none", planted)
    let contrasts = (0..<48).map { 0.2 + 1.3 * Float($0 % 12) / 11 }
    let (shown, withheld) = (windows(contrasts, seed: 1), windows(contrasts, seed: 2))
    let source = try ParameterStore(truth.source())
    let (answers, others) = (try rates(truth, source, shown), try rates(truth, source, withheld))
    func error(_ twin: TinyTwin) throws -> Double {
      let store = try trained(twin, on: shown, to: answers)
      return try distance(to: others)(rates(twin, store, withheld)).loss
    }
    let able = try error(twin("stimcond_none", fresh))
    let unable = try error(twin("none", [:]))
    #expect(able < 0.25 * unable, "\(able) against \(unable)")
  }
}
