import Base
import Kernels

/// Gated recurrent units whose products are convolutions, run over time from index 0 (the newest frame) on.
///
/// z = s(Wz [x, h]), r = s(Wr [x, h]), n = tanh(Wn [x, r h]), h = (1 - z) h + z n; h starts at 0, space is padded
/// with zeros. Several cells are stacked: the hidden state of one is the input of the next.
///
/// The products with x of all gates and steps are done before the scan; the first step has no products with h.
///
/// - Shapes: `[batch, in channel, time, height, width]` -> `[batch, hidden channel, time, height, width]`
/// - Source: SEMANTICS 12
struct ConvGRU: NamedLayer {
  static let typeNames = ["convgru"]

  let name: String
  let outputChannels: Int
  let tensors: [StoredTensor]
  private let cells: [Cell]
  private let kernelSizes: [Int]
  let inputChannels: Int

  private struct Cell: Sendable {
    var hidden: Int
    /// Of z, r and n.
    var gates: [(weight: Parameter, bias: Parameter)]
    /// z, r and n from x, with bias.
    var fromInput: Convolution
    /// z and r from h.
    var gatesFromHidden: Convolution
    /// n from r h.
    var candidateFromHidden: Convolution
  }

  init(_ site: inout Site) throws {
    let layers = try site.options.size("n_layers") ?? 1
    let hidden = try site.options.perLayer("hidden_dim", layers: layers, default: 64)
    let kernels = try site.options.perLayer("kernel_size", layers: layers, default: 3)
    site.options.ignoreRecurrentExtras()
    try site.options.finish()
    try self.init(site.weights, inputChannels: site.inputChannels, hidden: hidden, kernelSizes: kernels)
  }

  /// One cell for every entry of `hidden`.
  init(_ weights: Weights, inputChannels: Int, hidden sizes: [Int], kernelSizes: [Int]) throws {
    name = weights.prefix
    self.inputChannels = inputChannels
    outputChannels = sizes.last ?? inputChannels
    self.kernelSizes = kernelSizes
    var stored: [StoredTensor] = []
    var cells: [Cell] = []
    var inputs = inputChannels
    for (index, (hidden, kernelSize)) in zip(sizes, kernelSizes).enumerated() {
      defer { inputs = hidden }
      let shape = [hidden, inputs + hidden, kernelSize, kernelSize]
      let gates = try ["update_gate", "reset_gate", "out_gate"].map { gate in
        let scope = weights.scope("cells.\(index).\(gate)")
        // A gate that starts half open passes states on.
        let bias = Start.constant(gate == "update_gate" ? 1 : 0)
        return (
          weight: try scope.parameter("weight", shape, start: .orthogonal),
          bias: try scope.parameter("bias", [hidden], start: bias)
        )
      }
      for gate in gates { stored += [gate.weight.stored, gate.bias.stored] }
      guard weights.loads else { continue }
      let axis = Convolution.Axis(
        kernel: kernelSize, low: kernelSize / 2, high: kernelSize - 1 - kernelSize / 2)
      func convolution(_ parts: [Int], from first: Int, _ count: Int, hasBias: Bool) -> Convolution {
        let taps = kernelSize * kernelSize
        var filters: [Float] = []
        for part in parts {
          for o in 0..<hidden {
            let start = (o * (inputs + hidden) + first) * taps
            filters += gates[part].weight.values[start..<start + count * taps]
          }
        }
        return Convolution(
          weight: filters, bias: hasBias ? parts.flatMap { gates[$0].bias.values } : nil,
          outChannels: parts.count * hidden, inChannels: count, time: .init(kernel: 1), height: axis, width: axis,
          backend: weights.backend)
      }
      cells.append(
        Cell(
          hidden: hidden, gates: weights.purpose == .training ? gates : [],
          fromInput: convolution([0, 1, 2], from: 0, inputs, hasBias: true),
          gatesFromHidden: convolution([0, 1], from: inputs, hidden, hasBias: false),
          candidateFromHidden: convolution([2], from: inputs, hidden, hasBias: false)))
    }
    self.cells = cells
    tensors = stored
  }

  var detail: String {
    "convgru \(inputChannels) to \(outputChannels), \(kernelSizes.map { "\($0)x\($0)" }.joined(separator: ", "))"
  }

  /// A gate sees its cell's input, then the hidden state.
  func visitParts(of input: ChannelParts, _ visit: PartsVisitor) -> ChannelParts {
    var parts = input
    // Of every cell weight and bias of three gates.
    for start in stride(from: 0, to: tensors.count - 5, by: 6) {
      let hidden = tensors[start].shape[0]
      for tensor in tensors[start..<start + 6] where tensor.shape.count > 1 { visit(tensor, 1, [parts, [hidden]]) }
      parts = [hidden]
    }
    return parts
  }

  func outputShape(for input: FeatureShape) throws -> FeatureShape {
    try checkChannels(input, inputChannels)
    guard kernelSizes.allSatisfy({ $0 % 2 == 1 }) else {
      throw misfit("an even kernel changes the size from step to step", input)
    }
    var out = input
    out.channels = outputChannels
    return out
  }

  func forward(_ batch: FeatureBatch) throws -> FeatureBatch { try cells.reduce(batch) { try run($1, $0) } }

  func traced(_ batch: FeatureBatch, _ pass: Pass) throws -> TracedBatch {
    var features = batch
    var pullbacks: [Pullback] = []
    for cell in cells {
      var scan = Scan()
      let input = features
      features = try run(cell, input) { scan.gates.append($0) }
      scan.states = features.frames.values
      pullbacks.append { [scan] in try pullback($0, cell, input, scan, pass) }
    }
    return (features, chained(pullbacks))
  }

  /// All samples side by side, step by step.
  ///
  /// - Parameter keep: receives each step's gates after their activations, `[sample, gate, hidden, position]`.
  private func run(
    _ cell: Cell, _ batch: FeatureBatch, keep: (([Float]) -> Void)? = nil
  ) throws -> FeatureBatch {
    try batch.cancellation.check()
    let shape = batch.shape
    let samples = batch.steps.count
    let state = cell.hidden * shape.plane
    // [frame, gate, hidden, position]
    let fromInput = cell.fromInput(
      batch.frames.values, height: shape.height, width: shape.width,
      plan: cell.fromInput.plan(frames: batch.frames.shape.time), cancellation: batch.cancellation)
    let plan = cell.gatesFromHidden.plan(frames: samples)
    var hidden = [Float](repeating: 0, count: samples * state)
    var out: [Float] = []
    out.reserveCapacity(shape.time * samples * state)
    for time in 0..<shape.time {
      try batch.cancellation.check()
      // [sample, gate, hidden, position]
      var gates: [Float] = []
      gates.reserveCapacity(samples * 3 * state)
      for steps in batch.steps {
        gates.append(contentsOf: fromInput[steps[time] * 3 * state..<(steps[time] + 1) * 3 * state])
      }
      if time > 0 {
        cell.gatesFromHidden.add(
          hidden, height: shape.height, width: shape.width, plan: plan, to: &gates, frameStride: 3 * state)
      }
      for sample in 0..<samples {
        ElementFunction.sigmoid.apply(to: &gates, in: sample * 3 * state..<(sample * 3 + 2) * state)
      }
      if time > 0 {
        var reset = hidden
        for sample in 0..<samples {
          Elementwise.multiply(gates, from: (sample * 3 + 1) * state, to: &reset, at: sample * state, count: state)
        }
        cell.candidateFromHidden.add(
          reset, height: shape.height, width: shape.width, plan: plan, to: &gates, at: 2 * state,
          frameStride: 3 * state)
      }
      for sample in 0..<samples {
        let z = sample * 3 * state
        let n = z + 2 * state
        ElementFunction.tanh.apply(to: &gates, in: n..<n + state)
        Elementwise.blend(&hidden, at: sample * state, toward: gates, from: n, by: gates, from: z, count: state)
      }
      keep?(gates)
      out.append(contentsOf: hidden)
    }
    let result = FeatureShape(
      channels: cell.hidden, time: shape.time * samples, height: shape.height, width: shape.width)
    return FeatureBatch(
      Features(result, out),
      steps: (0..<samples).map { sample in (0..<shape.time).map { $0 * samples + sample } }, like: batch)
  }

  /// What a scan went through.
  private struct Scan {
    /// By step, `[sample, gate, hidden, position]`.
    var gates: [[Float]] = []
    /// `[step, sample, hidden, position]`
    var states: [Float] = []
  }

  /// From the last step to the first. The way back through the products with x waits for the end, when the gradients of
  /// all frames are known.
  private func pullback(
    _ gradient: Features, _ cell: Cell, _ batch: FeatureBatch, _ scan: Scan, _ pass: Pass
  ) throws -> Features {
    let shape = batch.shape
    let samples = batch.steps.count
    let state = cell.hidden * shape.plane
    let plan = cell.gatesFromHidden.fullPlan(frames: samples)
    var fromInput = [Float](repeating: 0, count: batch.frames.shape.time * 3 * state)
    var weights = GateGradients(cell, inputs: cell.fromInput.inChannels)
    let parameters = cell.gates.flatMap { [$0.weight.stored, $0.bias.stored] }
    let isTrained = parameters.contains(where: pass.wants)
    let products: WantedGradients = isTrained ? [.input, .weight] : .input
    var ahead = [Float](repeating: 0, count: samples * state)
    for time in (0..<shape.time).reversed() {
      try batch.cancellation.check()
      let gates = scan.gates[time]
      let before =
        time > 0
        ? Array(scan.states[(time - 1) * samples * state..<time * samples * state])
        : [Float](repeating: 0, count: samples * state)
      Elementwise.add(gradient.values, from: time * samples * state, to: &ahead, count: samples * state)
      var pre = [Float](repeating: 0, count: gates.count)
      for sample in 0..<samples {
        GatedUnit.pullback(
          &ahead, at: sample * state, before: before, gates: gates, gate: sample * 3 * state,
          candidate: (sample * 3 + 2) * state, pre: &pre, count: state)
      }
      if time > 0 {
        var reset = before
        for sample in 0..<samples {
          Elementwise.multiply(gates, from: (sample * 3 + 1) * state, to: &reset, at: sample * state, count: state)
        }
        let candidate = cell.candidateFromHidden.pullback(
          BlockGather.gather(pre, size: state, order: (0..<samples).map { 3 * $0 + 2 }), input: reset,
          height: shape.height, width: shape.width, plan: plan, wanted: products, cancellation: batch.cancellation)
        for sample in 0..<samples {
          GatedUnit.resetPullback(
            candidate.input, at: sample * state, before: before, gates: gates, gate: (sample * 3 + 1) * state,
            to: &ahead, pre: &pre, count: state)
        }
        let both = cell.gatesFromHidden.pullback(
          BlockGather.gather(pre, size: state, order: (0..<samples).flatMap { [3 * $0, 3 * $0 + 1] }), input: before,
          height: shape.height, width: shape.width, plan: plan, wanted: products, cancellation: batch.cancellation)
        Elementwise.add(both.input, to: &ahead, count: ahead.count)
        if isTrained {
          weights.addHidden(both.weight, from: 0)
          weights.addHidden(candidate.weight, from: 2)
        }
      }
      for (sample, steps) in batch.steps.enumerated() {
        Elementwise.add(
          pre, from: sample * 3 * state, to: &fromInput, at: steps[time] * 3 * state, count: 3 * state)
      }
    }
    let input = cell.fromInput.pullback(
      fromInput, input: batch.frames.values, height: shape.height, width: shape.width,
      plan: cell.fromInput.fullPlan(frames: batch.frames.shape.time),
      wanted: isTrained ? .all : .input, cancellation: batch.cancellation)
    try batch.cancellation.check()
    guard isTrained else { return Features(batch.frames.shape, input.input) }
    weights.addInput(input.weight)
    for (gate, parameters) in cell.gates.enumerated() {
      pass.add(weights.gates[gate], to: parameters.weight)
      pass.add(Array(input.bias[gate * cell.hidden..<(gate + 1) * cell.hidden]), to: parameters.bias)
    }
    return Features(batch.frames.shape, input.input)
  }

  /// Gradients of the gates' weights, `[hidden, in + hidden channel, height, width]` each, put together from those of
  /// the products with x and h.
  private struct GateGradients {
    var gates: [[Float]]
    private let inputs: Int
    private let hidden: Int
    private let taps: Int

    init(_ cell: Cell, inputs: Int) {
      self.inputs = inputs
      hidden = cell.hidden
      taps = cell.fromInput.height.kernel * cell.fromInput.width.kernel
      gates = [[Float]](
        repeating: [Float](repeating: 0, count: hidden * (inputs + hidden) * taps), count: cell.gates.count)
    }

    mutating func addInput(_ weight: [Float]) { add(weight, from: 0, first: 0, count: inputs) }
    mutating func addHidden(_ weight: [Float], from gate: Int) { add(weight, from: gate, first: inputs, count: hidden) }

    /// - Parameter weight: `[gate, hidden, count, height, width]`, gates from `gate` on.
    private mutating func add(_ weight: [Float], from gate: Int, first: Int, count: Int) {
      let block = count * taps
      for filter in 0..<weight.count / block {
        Elementwise.add(
          weight, from: filter * block, to: &gates[gate + filter / hidden],
          at: (filter % hidden * (inputs + hidden) + first) * taps, count: block)
      }
    }
  }
}

extension Section {
  /// One size for every layer: a list, or a number for all.
  mutating func perLayer(_ key: String, layers: Int, default fallback: Int) throws -> [Int] {
    let sizes = try ints(key) ?? [fallback]
    guard sizes.count == 1 || sizes.count == layers, sizes.allSatisfy({ $0 > 0 && $0 <= 1 << 16 }), layers <= 64 else {
      throw Failure(.unsupported, "\(path(key)): \(sizes) does not give one size for each of \(layers) layers")
    }
    return sizes.count == 1 ? [Int](repeating: sizes[0], count: layers) : sizes
  }

  /// Options that files carry and VisionCore's recurrent parts do not read.
  mutating func ignoreRecurrentExtras() {
    ignore(
      "learnable_h0", "use_layer_norm", "use_depthwise", "use_grouped", "num_groups", "use_residual", "grad_clip_val",
      "dropout")
  }
}
