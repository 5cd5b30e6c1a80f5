import Base
import Kernels

/// Linear maps with norms and activations between them, on vectors.
///
/// Hidden steps are linear, norm, activation; the last one is linear alone unless `activatesOutput`. A residual
/// adds the input where it has the output's size. Spectrally normalised weights are divided by u . (W v) with the
/// stored u and v.
///
/// - Shapes: `[batch, in]` -> `[batch, out]`
/// - Source: SEMANTICS 12
struct MultilayerPerceptron: Sendable {
  struct Options {
    var hidden: [Int]
    var output: Int
    var activation: String
    var activationPath: String
    var norm = "none"
    var normPath = ""
    var hasBias = true
    var isResidual = false
    var activatesOutput = false
    var isSpectral = false
  }

  let inputCount: Int
  let outputCount: Int
  let tensors: [StoredTensor]
  private let steps: [Step]
  private let isResidual: Bool

  private struct Step: Sendable {
    var weight: [Float]
    var bias: [Float]?
    var rows: Int
    var columns: Int
    var after: [any SampleLayer]
  }

  init(_ weights: Weights, inputs: Int, options: Options, context: Site.Context) throws {
    inputCount = inputs
    outputCount = options.output
    isResidual = options.isResidual && inputs == options.output
    var stored: [StoredTensor] = []
    var steps: [Step] = []
    var width = inputs
    for (index, size) in (options.hidden + [options.output]).enumerated() {
      let isLast = index == options.hidden.count
      let scope = weights.scope("mlp.\(index)")
      let hasParts = !isLast || options.activatesOutput
      let linear = hasParts ? scope.scope("linear") : scope
      let matrix = try Self.matrix(linear, size, width, isSpectral: options.isSpectral)
      let bias = options.hasBias ? try linear.parameter("bias", [size]) : nil
      stored += matrix.tensors + (bias.map { [$0.stored] } ?? [])
      var after: [any SampleLayer] = []
      if hasParts {
        for (family, type, part, path) in [
          (AllLayers.Family.norm, options.norm, "norm", options.normPath),
          (.activation, options.activation, "act", options.activationPath),
        ] where type != "none" {
          var site = Site(
            type: type, options: try Section(nil, path: path), weights: scope.scope(part), inputChannels: size,
            context: context)
          after.append(try AllLayers.sampleLayer(family, &site, named: path))
        }
        stored += after.flatMap(\.tensors)
      }
      guard after.allSatisfy({ $0 is SplitReLU == false }) else {
        throw Failure(
          .unsupported, "\(options.activationPath): `\(options.activation)` does not work between linear maps")
      }
      steps.append(Step(weight: matrix.values, bias: bias?.values, rows: size, columns: width, after: after))
      width = size
    }
    self.steps = steps
    tensors = stored
  }

  func callAsFunction(_ input: [Float]) -> [Float] {
    var values = input
    for step in steps {
      var out = step.bias ?? [Float](repeating: 0, count: step.rows)
      BLAS.sgemv(rows: step.rows, columns: step.columns, a: step.weight, x: values, beta: 1, y: &out)
      let shape = FeatureShape(channels: step.rows, time: 1, height: 1, width: 1)
      values = step.after.reduce(Features(shape, out)) { $1.forward($0) }.values
    }
    if isResidual { Elementwise.add(input, to: &values, count: values.count) }
    return values
  }

  private static func matrix(_ weights: Weights, _ rows: Int, _ columns: Int, isSpectral: Bool) throws -> (
    tensors: [StoredTensor], values: [Float]
  ) {
    guard isSpectral else {
      let plain = try weights.parameter("weight", [rows, columns])
      return ([plain.stored], plain.values)
    }
    let original = try weights.parameter("weight_orig", [rows, columns])
    let u = try weights.parameter("weight_u", [rows], isBuffer: true)
    let v = try weights.parameter("weight_v", [columns], isBuffer: true)
    var values = original.values
    if weights.loads {
      var product = [Float](repeating: 0, count: rows)
      BLAS.sgemv(rows: rows, columns: columns, a: values, x: v.values, y: &product)
      let sigma = Float(Reduction.dot(u.values, product))
      for index in values.indices { values[index] /= sigma }
    }
    return ([original, u, v].map(\.stored), values)
  }
}
