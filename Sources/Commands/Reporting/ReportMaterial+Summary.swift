import Analysis
import Base
import Metrics
import Recordings
import Rendering
import Session

extension ReportMaterial {
  /// The twin, the recording, and how well the twin predicts it.
  var summaryChapter: ReportDocument.Chapter {
    let scores = ReportScores(judged, training: training)
    return ReportDocument.Chapter(
      "summary", "Summary", findings: judged.map(verdict) + remarks,
      parts: [.fields(identity), .table("Scores", scores.table)],
      commands: scoreCommands(scores.metrics.map { $0.name }))
  }

  private func verdict(_ judged: JudgedStimulus) -> String {
    let scores = judged.part.scores
    let bits = scores.compactMap(\.bitsPerSpike.value)
    let r = scores.compactMap(\.r.value)
    let kind =
      switch judged.part.kind {
      case .withheld where trained?.isEmpty == false: "which it was not trained on, all trials"
      case .withheld: "all trials"
      default: "held-out trials"
      }
    var text = "On \(judged.stimulus) (\(kind)) "
    guard let mean = MeanInterval(bits), let median = Quantile.median(bits) else {
      return text + "no cell has a score: \(scores.first?.reason ?? "there is none")."
    }
    text +=
      "the mean cell scores \(ReportNumber.text(mean)) bits/spike, the median cell \(ReportNumber.text(median)); "
      + "\(ReportNumber.count(bits.count { $0 <= 0 }, of: bits.count)) no better than a constant rate."
    if let mean = MeanInterval(r) { text += " Mean correlation with single bins: \(ReportNumber.text(mean))." }
    if let reached = MeanInterval(scores.compactMap { $0[NormalizedCorrelation.self].value }) {
      text +=
        " Of the noise ceiling the mean cell reaches cc_norm \(ReportNumber.text(reached)), over \(ReportNumber.count(reached.count, of: scores.count))."
    }
    if bits.count < scores.count {
      text += " \(ReportNumber.count(scores.count - bits.count, of: scores.count)) without a score."
    }
    return text
  }

  private var remarks: [String] {
    var remarks = omitted.map { "\($0.stimulus) could not be judged: \($0.failure.message)." }
    if trained == nil {
      remarks.append(
        "No configuration says what the twin was trained on: every stimulus is judged on its held-out trials.")
    } else if trained?.isEmpty == true {
      remarks.append("The recording has no stimulus that the twin was trained on.")
    }
    return remarks
  }

  /// The twin and the recording, one line a fact.
  private var identity: Record {
    let file = twin.checkpoint
    var record = Record([("twin", .string("\(twin.name): \(twin.payload.checkpoint.path)"))])
    if let note = twin.payload.note { record["change"] = .string(note) }
    record["architecture"] = .string(architecture)
    var training = [file.epoch.map { "epoch \($0)" }, file.globalStep.map { "step \($0)" }].compactMap(\.self)
    if let monitor = file.monitor, let score = file.score { training.append("\(monitor) \(ReportNumber.text(score))") }
    if !training.isEmpty { record["training"] = .string(training.joined(separator: ", ")) }
    record["trained on"] = .string(
      trained.map { $0.isEmpty ? "nothing of this recording" : $0.sorted().joined(separator: ", ") } ?? "not known")
    record["weights"] = .string(String(twin.weightsDigest.prefix(16)))
    record["recording"] = .string(
      "\(recordingName): session \(recording.session) of \(CellGrouping.subject(ofSession: recording.session)), \(recording.cids.count) cells, \(ReportNumber.text(recording.rateHz)) bins a second, head \(head)"
    )
    if let configuration = sources.first?.stimulus.configuration {
      record["split"] = .string(
        "VisionCore's, by trial: \(ReportNumber.text(configuration.trainFraction)) for training, seed \(configuration.seed)"
      )
    }
    return record
  }

  private var architecture: String {
    let values = "\(twin.architecture.parameters.reduce(0) { $0 + $1.count }) values"
    guard let input = sources.lazy.compactMap({ InputSize($0) }).first,
      let tree = try? twin.architecture.tree(input: input.sizes)
    else { return values }
    let parts = tree.children.map { part in
      let own = part.children.first { $0.name == "\(part.name).\(head)" }
      let detail = own?.detail ?? part.detail
      // The session stands with the recording.
      return "\(part.name): \(detail.replacing(", \(recording.session)", with: ""))"
    }
    return ([tree.detail.isEmpty ? nil : tree.detail] + parts + ["\(values)"]).compactMap(\.self).joined(
      separator: "; ")
  }

  private func scoreCommands(_ names: [String]) -> [String] {
    let means = trained == nil ? [] : names.map(commands.generalization)
    return means
      + judged.map { judged in
        let own = judged.metrics.filter { $0.isScore }.map { $0.name }
        let values = own.map { name in
          trained == nil ? "mean(\(name)) ci(mean, \(name)) median(\(name))" : "median(\(name))"
        }
        return
          "\(commands.on(judged.part, "eval")) --metrics \(own.joined(separator: ",")) | summarize \(values.joined(separator: " "))"
      }
  }
}
