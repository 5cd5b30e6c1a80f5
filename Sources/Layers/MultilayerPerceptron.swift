import Base
import Kernels

/// Linear maps with norms and activations between them, on vectors.
///
/// Hidden steps are linear, norm, activation and, in training, dropout; the last one is linear alone unless
/// `activatesOutput`. A residual adds the input where it has the output's size.
///
/// - Shapes: `[batch, in]` -> `[batch, out]`
/// - Source: SEMANTICS 12
package struct MultilayerPerceptron: Sendable {
  package struct Options {
    package var hidden: [Int]
    package var output: Int
    package var activation: String
    package var activationPath: String
    package var norm = "none"
    package var normPath = ""
    package var hasBias = true
    package var isResidual = false
    package var activatesOutput = false
    package var isSpectral = false
    package var dropout = 0.0

    package init(hidden: [Int], output: Int, activation: String, activationPath: String) {
      self.hidden = hidden
      self.output = output
      self.activation = activation
      self.activationPath = activationPath
    }
  }

  package let inputCount: Int
  package let outputCount: Int
  package let tensors: [StoredTensor]
  private let steps: [Step]
  private let isResidual: Bool

  private let name: String
  private let dropout: Double

  private struct Step: Sendable {
    var map: LinearMap
    /// How the map's weight follows from the stored one; nil where it is the stored one.
    var spectral: SpectralNorm?
    var after: [any SampleLayer]
    /// Whether dropout comes after it.
    var drops: Bool
  }

  package init(_ weights: Weights, inputs: Int, options: Options, context: Site.Context) throws {
    name = weights.prefix
    dropout = options.dropout
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
      let spectral = options.isSpectral ? try SpectralNorm(linear, rows: size, columns: width) : nil
      let weight =
        try spectral.map { Parameter(stored: $0.original.stored, values: $0.effective) }
        ?? linear.parameter("weight", [size, width], start: .uniform(fanIn: width))
      let bias = options.hasBias ? try linear.parameter("bias", [size], start: .uniform(fanIn: width)) : nil
      stored += (spectral?.tensors ?? [weight.stored]) + (bias.map { [$0.stored] } ?? [])
      var after: [any SampleLayer] = []
      if hasParts {
        for (family, type, part, path) in [
          (LayerFamily.norm, options.norm, "norm", options.normPath),
          (.activation, options.activation, "act", options.activationPath),
        ] where type != "none" {
          var site = Site(
            type: type, options: try Section(nil, path: path), weights: scope.scope(part), inputChannels: size,
            context: context)
          after.append(try context.factory.sampleLayer(family, &site, named: path))
        }
        stored += after.flatMap(\.tensors)
      }
      guard after.allSatisfy({ $0 is SplitReLU == false }) else {
        throw Failure(
          .unsupported, "\(options.activationPath): `\(options.activation)` does not work between linear maps")
      }
      steps.append(
        Step(
          map: LinearMap(weight, bias, outputs: size, inputs: width), spectral: spectral, after: after,
          drops: hasParts))
      width = size
    }
    self.steps = steps
    tensors = stored
  }

  package func callAsFunction(_ input: [Float]) -> [Float] {
    var values = input
    for step in steps {
      let out = step.map(values)
      let shape = FeatureShape(channels: out.count, time: 1, height: 1, width: 1)
      values = step.after.reduce(Features(shape, out)) { $1.forward($0) }.values
    }
    if isResidual { Elementwise.add(input, to: &values, count: values.count) }
    return values
  }

  /// Rows one below the other: `[row, in]` -> `[row, out]`, and the pullback between their gradients.
  ///
  /// - Throws: `unsupported` for what acts at random in training and is not known.
  package func traced(_ input: [Float], _ pass: Pass) throws -> (output: [Float], pullback: ([Float]) throws -> [Float])
  {
    let rows = input.count / inputCount
    var values = input
    var pullbacks: [([Float]) throws -> [Float]] = []
    for (index, step) in steps.enumerated() {
      let linear = step.spectral.map { $0.traced(values, step.map, pass) } ?? step.map.traced(values, pass)
      pullbacks.append(linear.pullback)
      let shape = FeatureShape(channels: step.map.outputs, time: rows, height: 1, width: 1)
      var batch = FeatureBatch(
        Features(shape, linear.output), steps: (0..<rows).map { [$0] }, cancellation: Cancellation())
      func append(_ traced: TracedBatch) {
        batch = traced.output
        pullbacks.append { try traced.pullback(Features(shape, $0)).values }
      }
      for layer in step.after { append(try layer.traced(batch, pass)) }
      if step.drops { append(try batch.tracedDropout(dropout, at: "\(name).\(index)", pass)) }
      values = batch.frames.values
    }
    if isResidual { Elementwise.add(input, to: &values, count: values.count) }
    return (
      values,
      { gradient in
        var out = try pullbacks.reversed().reduce(gradient) { try $1($0) }
        if isResidual { Elementwise.add(gradient, to: &out, count: out.count) }
        return out
      }
    )
  }
}
