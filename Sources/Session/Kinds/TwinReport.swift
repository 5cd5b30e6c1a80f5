import Analysis
import Base
import Foundation
import Language
import Layers
import Recordings
import Workspace

/// What `show TWIN` tells.
enum TwinReport {
  static func make(_ twin: LoadedTwin, input given: String?, session: Session, call: Call) throws -> Report {
    var sections = [
      Report.Section("checkpoint", .fields(checkpoint(twin))), Report.Section("twin", .fields(model(twin))),
    ]
    if twin.payload.training != nil { sections += try TrainingReport.sections(of: twin, in: session) }
    sections.append(.init("heads", .table(heads(twin))))
    if let input = try InputSize.find(given, for: twin, session: session, call: call) {
      sections.append(try ArchitectureTree.section(of: twin, input: input))
    } else {
      sections.append(.init("parameters", .table(parameters(twin))))
    }
    return Report(twin.name, sections)
  }

  /// The file, as it was trained and written.
  private static func checkpoint(_ twin: LoadedTwin) -> Record {
    let file = twin.checkpoint
    var record = Record([
      ("file", .string(twin.payload.checkpoint.path)), ("bytes", .int(file.byteCount)),
      ("fingerprint", .string(String(file.fingerprint.prefix(16)))),
    ])
    let sets = [file.weights] + file.otherWeights
    if sets.count > 1 || file.weights.isAveraged {
      record["weights"] = .string(
        file.weights.name + (file.weights.isAveraged ? " (averaged over training steps)" : ""))
    }
    if sets.count > 1 {
      record["other_weights"] = .string(
        file.otherWeights.map { $0.name + ($0.isAveraged ? " (averaged)" : "") }.joined(separator: ", "))
    }
    if let model = twin.payload.modelFile { record["model_file"] = .string(model.path) }
    if let epoch = file.epoch { record["epoch"] = .int(epoch) }
    if let step = file.globalStep { record["step"] = .int(step) }
    if let monitor = file.monitor { record["monitor"] = .string(monitor) }
    if let score = file.score { record["score"] = .double(score) }
    if let version = file.lightningVersion { record["lightning"] = .string(version) }
    return record
  }

  /// The twin as it is now.
  private static func model(_ twin: LoadedTwin) -> Record {
    let parameters = twin.architecture.parameters
    func count(_ list: [ParameterInfo]) -> Int { list.reduce(0) { $0 + $1.count } }
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    var record = Record()
    if let note = twin.payload.note { record["change"] = .string(note) }
    record["output"] = .string(twin.architecture.configuration["output_activation"]?.stringValue ?? "none (log rate)")
    record["values"] = .int(count(parameters))
    record["core_values"] = .int(count(parameters.filter(\.part.isCore)))
    record["frozen"] = .string(
      frozen.patterns.isEmpty
        ? "nothing"
        : "\(frozen.patterns.joined(separator: ", ")) (\(count(frozen.parameters(of: twin.architecture))) values)")
    return record
  }

  private static func heads(_ twin: LoadedTwin) -> Table {
    let heads = twin.architecture.heads
    let named = heads.indices.map {
      twin.payload.heads.indices.contains($0) ? twin.payload.heads[$0] : .init(session: nil, cids: nil)
    }
    return Table([
      Column("head", heads.map { Optional($0.index) }),
      Column("session", named.map(\.session)),
      Column("cells", heads.map { Optional($0.cellCount) }),
      Column("cids", named.map { $0.cids?.idRanges }),
    ])
  }

  private static func parameters(_ twin: LoadedTwin) -> Table {
    let list = twin.architecture.parameters
    let frozen = FrozenParameters(patterns: twin.payload.frozen)
    return Table([
      Column("name", list.map(\.name)),
      Column("shape", list.map { $0.shape.map(String.init).joined(separator: "x") }),
      Column("frozen", list.map { Optional(frozen.contains($0)) }),
    ])
  }
}
