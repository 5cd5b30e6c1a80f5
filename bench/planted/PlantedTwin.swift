import Base
import Formats
import Foundation
import Twin

/// A small twin whose tensors were drawn: what it answers is the truth of a simulated experiment.
///
/// It reads windows of 8 frames of 7 x 7 pixels at once: kernels over time, one block of 3 x 3 kernels, a Gaussian readout for
/// each cell, softplus. Tap j of its kernels reads lag j.
package struct PlantedTwin: Sendable {
  package static let side = 7
  package static let lags = 8

  package let architecture: TwinArchitecture
  package let source: any ArraySource

  /// - Parameters:
  ///   - channels: that come out of the block.
  ///   - norm: type of the block's norm, as in `edit`.
  /// - Throws: as `UntrainedTwin`.
  package init(cells: Int, channels: Int = 6, norm: String = "none", seed: UInt32) throws {
    let text = """
      model_type: v1multi
      initial_input_channels: 1
      sampling_rate: 120
      frontend:
        type: learnable_temporal
        params: {kernel_size: \(Self.lags), num_channels: 4, bias: false, init_type: random}
      convnet:
        type: vanilla
        params:
          channels: [\(channels)]
          block_configs:
          - conv_params: {type: standard, kernel_size: [1, 3, 3], padding: [0, 0, 0], bias: false}
            norm_type: \(norm)
            act_type: relu
      readout: {type: gaussian, params: {bias: true, initial_std: 1.5, initial_mean_scale: 1.0}}
      output_activation: softplus
      """
    let configuration = try YAMLDocument.parse(text: text, name: "planted")
    let heads = [HeadConfiguration(session: "Planted_2025-01-01", cids: Array(0..<cells))]
    let untrained = try UntrainedTwin(configuration: configuration, heads: heads, seed: seed)
    let tensors = Tensors(
      values: untrained.tensors.map { array in
        guard case .float32(let values) = array.values else { return (array.name, Tensor(zeros: array.shape)) }
        return (array.name, Tensor(shape: array.shape, values: values))
      })
    self.init(try TwinArchitecture(configuration: configuration, source: tensors, heads: heads), tensors)
  }

  private init(_ architecture: TwinArchitecture, _ source: any ArraySource) {
    self.architecture = architecture
    self.source = source
  }

  /// - Parameter edits: as in `edit`: `frontend.params.lag_mask=2`.
  package func edited(_ edits: [String], seed: UInt32 = 1) throws -> PlantedTwin {
    let edited = try EditedTwin(architecture, source: source, edits: edits, seed: seed)
    return PlantedTwin(edited.architecture, edited.source)
  }

  /// With noise on all weights, in units of each tensor's root mean square.
  package func disturbed(by size: Double, seed: UInt32) throws -> PlantedTwin {
    try changing { name, tensor in
      guard name.hasSuffix("weight") else { return }
      var random = MersenneTwister(
        seed: seed &+ UInt32(truncatingIfNeeded: name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
      let square = tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(max(1, tensor.count))
      for index in tensor.values.indices { tensor.values[index] += Float(size * square.squareRoot() * random.normal()) }
    }
  }

  /// With kernels that are 0 at the first lags.
  package func silent(before lag: Int) throws -> PlantedTwin {
    try changing { name, tensor in
      guard name.hasPrefix("frontend") else { return }
      for index in tensor.values.indices where index % Self.lags < lag { tensor.values[index] = 0 }
    }
  }

  /// With readouts scaled so that every cell has its mean rate on noise.
  ///
  /// - Parameters:
  ///   - rates: counts per bin.
  ///   - depth: standard deviation of what goes into the softplus, about that of the logarithm of low rates.
  package func answering(_ rates: [Double], depth: Double, contrast: Double) throws -> PlantedTwin {
    let frames = NoiseFrames(count: 600, contrast: contrast, seed: 77)
    let network = try TwinNetwork(architecture: architecture, source: source, heads: [0])
    let answers = try network.forward(frames.input(Array(0..<600)), head: 0).rates
    let cells = rates.count
    return try changing { name, tensor in
      guard name.hasPrefix("readouts.0."), name.hasSuffix("features.weight") || name.hasSuffix("bias") else { return }
      for cell in 0..<cells {
        let inner = (0..<600).map { log(expm1(max(1e-12, Double(answers.values[$0 * cells + cell])))) }
        let mean = inner.reduce(0, +) / 600
        let spread = (inner.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 600).squareRoot()
        guard spread > 0 else { throw Failure(.undefined, "planted cell \(cell) answers nothing") }
        let scale = depth / spread
        if name.hasSuffix("bias") {
          let own = Double(tensor.values[cell])
          let shift = Self.shift(inner.map { scale * ($0 - mean) }, rate: rates[cell])
          tensor.values[cell] = Float(scale * (own - mean) + shift)
        } else {
          let width = tensor.count / cells
          for index in cell * width..<(cell + 1) * width { tensor.values[index] *= Float(scale) }
        }
      }
    }
  }

  /// What to add so that the mean softplus is `rate`, by bisection.
  private static func shift(_ inner: [Double], rate: Double) -> Double {
    var (low, high) = (-40.0, 40.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      let mean = inner.reduce(0) { $0 + log1p(exp($1 + middle)) } / Double(inner.count)
      if mean < rate { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  private func changing(_ body: (String, inout Tensor) throws -> Void) throws -> PlantedTwin {
    let values = try source.arrayNames.map { name in
      var tensor = try source.tensor(name)
      try body(name, &tensor)
      return (name, tensor)
    }
    return PlantedTwin(architecture, Tensors(values: values))
  }
}

/// Arrays in memory.
private struct Tensors: ArraySource {
  let arrayNames: [String]
  private let tensors: [String: Tensor]

  init(values: [(String, Tensor)]) {
    arrayNames = values.map(\.0)
    tensors = Dictionary(values, uniquingKeysWith: { first, _ in first })
  }

  var origin: String { "planted" }
  func info(_ name: String) -> ArrayInfo? { tensors[name].map { ArrayInfo(shape: $0.shape, scalar: .float32) } }

  func tensor(_ name: String) throws -> Tensor {
    guard let tensor = tensors[name] else { throw Failure(.missing, "planted: no array `\(name)`") }
    return tensor
  }

  func tensor(_ name: String, rows: Range<Int>) throws -> Tensor { try tensor(name)[rows: rows] }
  func integers(_ name: String) throws -> [Int] { try tensor(name).values.map { Int($0) } }
  func doubles(_ name: String) throws -> [Double] { try tensor(name).values.map(Double.init) }
}
