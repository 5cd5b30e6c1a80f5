import Base
import Formats
import Foundation
import Language
import Session
import Workspace

/// Makes a twin that nothing has trained yet.
struct NewCommand: Command {
  static let signature = Signature("new", in: "training", "Makes an untrained twin from a model's configuration")
    .effect(.changes)
    .argument("model", .path, "The model's YAML, or a checkpoint whose configuration is used")
    .argument("name", .newName, "Name of the new twin", keyword: "as")
    .flag("data", .path, "Parent YAML with the sessions and their cids, or a list of dataset configurations")
    .flag("seed", .int, default: .int(1002), "Seed of the random values")
    .replace()
    .names("name", kinds: ["twin"], always: true)
    .returns(.record)
    .searchTerms("untrained", "from scratch", "initialise", "initialize", "random weights", "create", "fresh")
    .details(
      """
      The twin has the layers that the configuration describes, and an adapter and a readout for each session of --data, with \
      one output for each of its cids. Its values follow VisionCore's distributions: convolutions and linear maps are uniform \
      within 1/sqrt(fan-in) of 0, gates of a ConvGRU are orthogonal, gains are 1, a Gaussian readout has the configuration's \
      `initial_std` and `initial_mean_scale`. Only the distributions are VisionCore's, not its random numbers. The same seed \
      gives the same values.

      The workspace keeps the tensors; no file is written. The twin works with all commands: `tree`, `forward`, `eval`, \
      `train`, `export`. Readout biases are 0: `train NAME on … --init-bias` starts them at each cell's mean count, as \
      VisionCore's trainer does.
      """)

  static let examples = [
    Example(
      "new checkpoints/twin.ckpt --data checkpoints/multi_sim_120_backimage.yaml --seed 1 as fresh --replace",
      "The demo twin's layers, before any training"),
    Example(
      "new checkpoints/twin.ckpt --data checkpoints/multi_sim_120_backimage.yaml as fresh --replace; "
        + "train fresh on sim/gaborium as trained --init-bias --steps 4 --batch-size 16 --replace",
      "Train it from scratch"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    let name = try call.string("name")
    try session.checkNew(name, replacing: call.isSet("replace"), at: call.span(of: "name"))
    let model = try call.string("model")
    guard FileManager.default.fileExists(atPath: session.absolute(model)) else {
      throw Failure(
        .missing, "\(model): no such file", hint: "name a model's YAML or a checkpoint", span: call.span(of: "model"))
    }
    guard let data = try call.optionalString("data") else {
      throw Failure(
        .usage, "the sessions are missing: a twin needs a readout for each of them",
        hint: "--data takes a parent YAML with `sessions`", span: call.span)
    }
    let seed = try call.seed()
    var payload = try reading("model", call) {
      try session.untrainedTwin(model: session.absolute(model), data: session.absolute(data), seed: seed)
    }
    payload.note = "untrained, seed \(seed)"
    for sentence in try session.normAdvice(of: payload, named: name) { session.note(sentence) }
    session.changes.versions.append(.init(payload, name: name, replacing: call.replacing))
    session.changes.inputs.append(.init(role: "input", version: nil, detail: "\(model), \(data), seed \(seed)"))
    return .record(
      Record([
        ("name", .string(name)), ("sessions", .int(payload.heads.count)),
        ("cells", .int(payload.cids.count)), ("seed", .int(Int(seed))),
      ]))
  }

  private func reading<Result>(_ argument: String, _ call: Call, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let failure as Failure where failure.kind == .missing && failure.span == nil {
      throw failure.located(at: call.span(of: argument))
    }
  }
}
