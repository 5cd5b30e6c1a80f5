import Base
import Formats
import Language
import Session

/// Runs raw windows through a twin.
struct ForwardCommand: Command {
  static let signature = Signature("forward", in: "twins", "Runs raw stimulus windows through a twin")
    .argument("twin", .object(kinds: ["twin"]), "The twin")
    .flag(
      "input", .path,
      "An npz with `stim` (batch, 1, time, height, width), time index 0 the newest frame; `behavior`, `history_N`"
    )
    .flag("output", .path, "The npz to write: `out`, and the stages")
    .flag("head", .word("head"), default: .string("0"), "The head by number or session")
    .behavior()
    .flag("stages", "Also write s_adapter, s_frontend, s_convnet, s_recurrent, s_readout, …")
    .writes("output")
    .returns(.table(columns.signatures))
    .searchTerms("run", "parity", "stages", "activations", "windows")
    .details(
      "The pixels in `stim` must be normalised: (pixel - 127) / 255. `out` is the final output: rates, or log rates if the twin has no output activation."
    )

  static let examples = [
    Example("forward twin --input windows.npz --stages --output /tmp/vcsh-example.npz", "Every stage of four windows")
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try WindowFile.check(call)
    let twin = try session.loadTwin(call.string("twin"), at: call.span(of: "twin"))
    let head = try twin.head(session: nil, named: call.string("head"))
    let file = try WindowFile(call, in: session)
    let input = try file.input(call, head: head)
    let output = try twin.network(head: head).forward(
      input, head: head, stages: call.isSet("stages"), work: session.work)
    var arrays = [(name: "out", tensor: output.rates)]
    if call.isSet("stages") { arrays += output.stages.map { (name: $0.name, tensor: $0.tensor) } }
    let target = try session.output(try call.string("output"))
    try NpzWriter.write(arrays.map { NamedArray($0.name, $0.tensor) }, to: target)
    session.changes.written.append(try session.workspace.written(target))
    file.record(twin, head: head, input, in: session)
    return .table(Self.columns.table(arrays))
  }

  static let columns = TableShape<(name: String, tensor: Tensor)>([
    .string("array", "Its name in the output file") { $0.name },
    .string("shape", "Its sizes") { $0.tensor.shape.map(String.init).joined(separator: "x") },
    .float("mean", "Mean over all its values") {
      $0.tensor.values.reduce(0.0) { $0 + Double($1) } / Double(max(1, $0.tensor.count))
    },
  ])
}
