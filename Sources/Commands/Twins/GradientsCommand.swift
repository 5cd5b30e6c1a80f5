import Base
import Formats
import Language
import Layers
import Session
import Training
import TrainingCommands
import Twin

/// Gradients of what training minimises, for raw windows and counts.
struct GradientsCommand: Command {
  static let signature = Signature(
    "gradients", in: "twins", "Gradients of the Poisson loss: of every parameter and of the inputs"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .flag(
    "input", .path,
    "An npz with `y` (batch, cell), `stim` (batch, 1, time, height, width), `behavior`, `history_N`, and a mask `dfs`"
  )
  .flag("output", .path, "The npz to write: `loss`, `out`, `grad/NAME`, `grad_stim`, …")
  .flag("head", .word("head"), default: .string("0"), "The head by number or session")
  .flag(
    "mode", .choice(PassMode.allCases.map(\.rawValue)), default: .string(PassMode.eval.rawValue),
    "How layers behave: as in training, as in prediction, or as in training with every dropout probability 0"
  )
  .flag("seed", .int, default: .int(0), "Seed of dropout")
  .flag(
    "rate-weight", .float, default: .double(0), "Weigh each cell by its mean count to the power of minus this"
  )
  .flag("corr", .float, default: .double(0), "Add this times (1 - correlation over the batch), mean over cells")
  .flag(
    "penalty", .string, "Penalties on the frontend's kernels, NAME=WEIGHT with commas between them; see `penalties`"
  )
  .behavior()
  .writes("output")
  .returns(.table(columns.signatures))
  .searchTerms("gradient", "backward", "backpropagation", "pullback", "derivative", "loss", "training", "parity")
  .details(
    """
    The loss is the mean over valid bins of r - y ln(r + 1e-8) for rates r and counts y, or of exp(x) - y x for a twin that \
    gives log rates x. Without `dfs` (batch, cell) every bin is valid. Pixels in `stim` must be normalised, as for \
    `forward`. The file has `loss`, `out` (the output in this mode), `grad/NAME` for every parameter that a gradient reaches \
    (named as in the checkpoint, without `model.`), `grad_stim`, `grad_behavior`, `grad_history`, and, in the modes of training, \
    `updated/NAME`: buffers after the pass (batch norm's running statistics, spectral norm's vectors). The twin itself does \
    not change. The table shows where the gradient is large.

    --rate-weight, --corr and --penalty change what is differentiated, as they do in `train`. The weights of cells follow \
    from the counts in `y`. `loss` has the term of the correlation, and not the penalties, which stand in `penalty/NAME`.
    """)

  static let examples = [
    Example(
      "gradients twin --input windows.npz --output /tmp/vcsh-example-gradients.npz | where part == 'readout'",
      "How strongly four windows pull at the first session's readout")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try WindowFile.check(call)
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let head = try twin.head(session: nil, named: call.string("head"))
    let file = try WindowFile(call, in: session)
    let input = try file.input(call, head: head)
    guard let counts = try file.array("y") else {
      throw Failure(
        .missing, "\(file.path): no counts `y`", hint: "add `y` (batch, cell), spikes per bin of head \(head)'s cells",
        span: call.span(of: "input"))
    }
    guard let mode = PassMode(rawValue: try call.string("mode")) else {
      throw Failure(.usage, "unknown mode", span: call.span(of: "mode"))
    }
    let trainable = try TrainableTwin(architecture: twin.architecture, source: twin.source, heads: [head])
    let objective = Objective(
      rateWeight: try call.number("rate-weight", from: 0), correlation: try call.number("corr", from: 0))
    let mask = try file.array("dfs")
    let loss: TrainableTwin.LossFunction
    do {
      loss = try objective.loss(
        counts: counts, mask: mask, weights: objective.cellWeights(counts: counts, mask: mask),
        isLogRate: twin.architecture.outputIsLogRate, clampsOutputs: false)
    } catch let failure as Failure {
      throw Failure(failure.kind, "\(file.path): \(failure.message)", hint: failure.hint, span: call.span(of: "input"))
    }
    var found = try trainable.gradients(
      input, head: head, mode: mode, seed: UInt64(bitPattern: Int64(try call.int("seed"))), work: session.work,
      objective: loss)
    let penalties = try Self.addPenalties(call, twin, trainable, to: &found)
    let target = try session.output(try call.string("output"))
    try NpzWriter.write(Self.arrays(found) + penalties, to: target)
    session.changes.written.append(try session.workspace.written(target))
    file.record(twin, head: head, input, in: session)
    var table = Self.columns.table(Self.rows(found, of: twin.architecture))
    table.note = "loss \(NumberText.of(found.loss)) nats/bin, mode \(mode.rawValue), head \(head) of \(twin.name)"
    return .table(table)
  }

  /// Adds the penalties' gradients; their values, each times its weight.
  private static func addPenalties(
    _ call: Call, _ twin: LoadedTwin, _ trainable: TrainableTwin, to found: inout TwinGradients
  ) throws -> [NamedArray] {
    guard let text = try call.optionalString("penalty") else { return [] }
    guard let rate = twin.architecture.samplingRate.map({ $0 / Double(twin.architecture.tapStep) }) else {
      throw Failure(
        .usage, "`\(twin.name)` does not say how many taps a second has",
        hint: "set it: `edit \(twin.name) as NAME --set sampling_rate=120`", span: call.span(of: "penalty"))
    }
    do {
      let terms = try KernelTerms.read(text, rateHz: rate)
      let values = try WeightedKernelPenalty.values(
        of: terms, on: trainable, names: Set(found.parameters.names), adding: &found.parameters)
      return values.map { NamedArray("penalty/\($0.name)", shape: [], values: .float64([$0.value])) }
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: "penalty"))
    }
  }

  private static func arrays(_ found: TwinGradients) -> [NamedArray] {
    var arrays = [
      NamedArray("loss", shape: [], values: .float64([found.loss])), NamedArray("out", found.outputs),
    ]
    let inputs = [
      ("grad_stim", found.stimulus), ("grad_behavior", found.behavior), ("grad_history", found.history),
    ]
    arrays += inputs.compactMap { name, tensor in tensor.map { NamedArray(name, $0) } }
    arrays += found.parameters.names.compactMap { name in
      found.parameters[name].map { NamedArray("grad/\(name)", $0) }
    }
    return arrays
      + found.updated.sorted { $0.key < $1.key }.map { NamedArray("updated/\($0.key)", $0.value) }
  }

  // MARK: Table

  private struct Row {
    var name: String
    var part: String
    var tensor: Tensor
  }

  private static func rows(_ found: TwinGradients, of architecture: TwinArchitecture) -> [Row] {
    let inputs = [("stim", found.stimulus), ("behavior", found.behavior), ("history", found.history)]
    return found.parameters.names.compactMap { name in
      found.parameters[name].map {
        Row(name: name, part: ParameterInfo(name: name, shape: []).part.rawValue, tensor: $0)
      }
    } + inputs.compactMap { name, tensor in tensor.map { Row(name: name, part: "input", tensor: $0) } }
  }

  private static let columns = TableShape<Row>([
    .string("parameter", "The stored tensor, or the input") { $0.name },
    .string("part", "The part of the twin; `input` for what it was given") { $0.part },
    .string("shape", "Its sizes") { TensorText.shape($0.tensor.shape) },
    .float("norm", "Square root of the sum of squares of the gradient") { row in
      row.tensor.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    },
    .float("largest", "Largest absolute value of the gradient") { row in
      row.tensor.values.reduce(0.0) { max($0, abs(Double($1))) }
    },
  ])
}
