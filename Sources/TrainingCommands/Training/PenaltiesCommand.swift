import Base
import Language
import Session
import Training
import Twin

/// Penalties on a twin's temporal kernels, as values.
struct PenaltiesCommand: Command {
  static let signature = Signature(
    "penalties", in: "twins", "Computes penalties on the temporal kernels of a twin's frontend"
  )
  .argument("twin", .object(kinds: ["twin"]), "The twin")
  .flag(
    "term", .string,
    "These penalties, by name, with commas between them; by default the usual ones and those of its training"
  )
  .flag("rate", .float, unit: "Hz", "Taps a second; the twin's own sampling rate by default")
  .returns(.table(columns.signatures))
  .searchTerms(
    "regularisation", "regularization", "low frequency", "lag 0", "derivative", "latency", "structure", "loss"
  )
  .details(
    """
    The penalties act on the kernels as they filter: with weight norm, window and tap mask applied. `lowfreq_ratio_fcHZ` is \
    the share of a kernel's power below HZ, summed over kernels; `lowfreq_raw_fcHZ` is the power itself; with `_n64` the \
    spectrum is that of the kernel padded with zeros to 64 taps. `recent_pooled_NTAPS` is the share of the squared weight of \
    all kernels together on the first TAPS taps, `recent_perkernel_NTAPS` the sum of each kernel's share. `derivative_soft` \
    is the squared sum of a kernel's taps, summed over kernels. `train TWIN … --penalty NAME=WEIGHT` adds such a term to \
    the loss.
    """)

  static let examples = [
    Example("penalties twin", "The usual ones"),
    Example("penalties twin --term lowfreq_ratio_fc20,recent_pooled_N3", "Others, with their own numbers"),
  ]

  struct Row {
    var name: String
    var parameters: String
    var value: Double
    var weight: Double?
  }

  static let columns = TableShape<Row>([
    .string("penalty", "Name, as `train --penalty` takes it") { $0.name },
    .string("parameters", "What its numbers stand for") { $0.parameters },
    .float("value", "Value for a weight of 1") { $0.value },
    .float("weight", "Its weight in the training that made the twin; null where that had no such term") { $0.weight },
  ])

  func run(_ call: Call, in session: Session) throws -> Value {
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    guard
      let kernels = try TwinNetwork(architecture: twin.architecture, source: twin.source, heads: []).effectiveKernels
    else {
      throw Failure(
        .unsupported, "the frontend of `\(twin.name)` is not of the type learnable_temporal: penalties have no kernels",
        hint: "`temporal \(twin.name)` shows the kernels of other frontends", span: call.span(of: "twin"))
    }
    let weights = try KernelTerms.weights(of: twin, in: session)
    let usual = AllKernelPenalties.usual
    let names =
      try call.optionalString("term").map(KernelTerms.names)
      ?? usual + weights.keys.filter { !usual.contains($0) }.sorted()
    let given = call.isGiven("rate") ? try call.number("rate", above: 0) : nil
    let rate = given ?? twin.architecture.samplingRate.map { $0 / Double(twin.architecture.tapStep) }
    guard let rate, rate.isFinite, rate > 0 else {
      throw Failure(
        .usage, "`\(twin.name)` does not say how many taps a second has", hint: "--rate HZ says it",
        span: call.span(of: call.isGiven("rate") ? "rate" : "twin"))
    }
    session.changes.inputs.append(.init(role: "twin", version: twin.record.id, detail: twin.name))
    do {
      return .table(
        Self.columns.table(
          try names.map { name in
            let penalty = try AllKernelPenalties.named(name, rateHz: rate)
            return Row(
              name: name, parameters: penalty.parameters, value: try penalty.penalty(kernels.kernelRows).value,
              weight: weights[name])
          }, note: "\(kernels.shape[0]) kernels of \(kernels.shape[1]) taps at \(Value.double(rate).plainText) Hz"))
    } catch let failure as Failure {
      throw failure.located(at: call.span(of: call.isGiven("term") ? "term" : "twin"))
    }
  }
}
