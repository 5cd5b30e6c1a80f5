import Analysis
import Base
import Language
import Recordings
import Session
import Workspace

/// Ranks what could explain why a cell is predicted badly.
struct WhyCommand: Command {
  static let signature = Signature(
    "why", in: "evaluation",
    "Why a cell is predicted badly: ranked causes, with evidence and the expected gain of each remedy"
  )
  .argument("subject", .object(kinds: ["twin", "predictions"]), "The twin, or predictions that were made elsewhere")
  .argument("cid", .cell, "The cell's id; without it one row for each cell with its likeliest cause", optional: true)
  .argument(
    "stimulus", .stimulus,
    "The recording's stimulus; of a whole recording, the stimulus that the twin was trained on; not for predictions",
    keyword: "on", optional: true
  )
  .tableName()
  .flag("quick", "Leave out what needs the core's features: the refitted readout and the training gradient")
  .head()
  .behavior()
  .replace()
  .returns(.table(CellDiagnosis.cells.signatures))
  .returns(CellDiagnosis.causes.signatures, when: .given("cid"))
  .searchTerms(
    "diagnose", "diagnosis", "bad fit", "poor", "explain", "cause", "drift", "silent", "non-visual", "wrong", "starved"
  )
  .details(
    """
    With a cid there is one row for each cause, the likeliest first. Strength is the evidence relative to the threshold for \
    reporting the cause: 1 or more means reported, null that the data can't decide. expected_gain is the held-out score \
    with the remedy, gain and offset included, minus the score of the rates as predicted. vcsh fits each remedy on other \
    trials than those on which it scores it: gain and offset on the other half of the bins, a slow gain on the \
    neighbouring trials, a shift in time with its own gain and offset, a new readout of this cell alone on the training \
    trials (l2 0.003). Drift, gain and latency are tested on all trials, the training trials too.

    When a cause is reported: few spikes: fewer than 50 are held out. masked bins: at least a third of them. not visual: repeats \
    agree no better than circularly shifted trials, and held-out counts follow no prediction tried better than circularly \
    shifted counts do (combined p > 0.01), although a response as strong as the prediction's would have been seen. noise ceiling: \
    cc_max is below 0.5. drifting rate: a slow gain \
    predicts better than with shuffled trials (p <= 0.01) and improves the score by 0.03 bits/spike. gain or offset, latency: the \
    improvement is at least 0.03 bits/spike and 3 standard errors (2 for a latency on repeated trials). \
    readout: a refit improves the score by 0.03 bits/spike and 2 \
    standard errors beyond gain and offset; the readout's place is wrong if the refit lies more than the readout's own width \
    away, otherwise its weights are. starved in the loss: the cell has less than half an even share of the gradient on the \
    core, on a stimulus that the twin was trained on. Repeats come from any stimulus of the recording that has them.

    Without a cid there is one row for each cell, with the likeliest cause that is found. Where several are found, the \
    evidence says which remedy raises the score most.

    Predictions that were made elsewhere have neither readout nor stimulus: causes that need them are null with the reason. \
    Scores are those of all bins of the file; the evidence calls them scored, not held-out, unless their split is `val`.
    """)

  static let examples = [
    Example(
      "predict twin on sim/fixrsvp --split all as rates --replace; why rates 8 | head 4",
      "Rates and counts alone, as a file of another program holds them"),
    Example("why twin 3 on sim/gaborium", "One cell: every cause, the likeliest first"),
    Example(
      "why twin on sim/fixrsvp --quick | group cause | summarize count() mean(bits_per_spike)",
      "The most frequent causes in the population"),
  ]

  func run(_ call: Call, in session: Session) throws -> Value {
    try session.checkName(of: call)
    let name = try call.string("subject")
    let record = try session.lookup(name, kinds: [.twin, .predictions], at: call.span(of: "subject"))
    if let payload = record.payload as? PredictionsPayload {
      return try stored(session.storedSubject(name, record, payload, split: nil), call, session)
    }
    guard call.isGiven("stimulus") else {
      throw Failure(
        .usage, "`\(name)` is a twin: say on which stimulus", hint: "why \(name) … on REC/STIM",
        span: call.span(of: "subject"))
    }
    let twin = try session.loadTwin(name, record: record)
    let source = try session.diagnosedStimulus(call, of: twin)
    let cid = try call.optionalInt("cid")
    let position = try cid.map {
      try source.stimulus.cids.place(of: $0, in: source.label, at: call.span(of: "cid"))
    }
    let cells = try session.diagnosedCells(
      of: twin, on: source, head: call.optionalString("head"), cells: position.map { [$0] },
      isQuick: call.isSet("quick"))
    let diagnoses = try diagnoses(of: cells, session)
    var table =
      cid == nil ? CellDiagnosis.cells.table(diagnoses) : CellDiagnosis.causes.table(diagnoses.first?.causes ?? [])
    if cid == nil {
      table.note = CellFinding.note(
        "\(twin.name) on \(source.label), scored on held-out trials", CellDiagnosis.finding(diagnoses))
    } else if let diagnosis = diagnoses.first {
      let score =
        diagnosis.scores.bitsPerSpike.value.map { "\(NumberText.rounded($0, decimals: 3)) bits/spike" } ?? "no score"
      table.note = "cell \(diagnosis.cid) of \(source.session): \(twin.name) on \(source.label), \(score) held out"
    }
    try session.keep(table, for: call, parent: twin.record.id)
    return .table(table)
  }

  /// Predictions made elsewhere.
  private func stored(_ subject: Subject, _ call: Call, _ session: Session) throws -> Value {
    for flag in ["stimulus", "head", "no-behavior"] where call.isGiven(flag) {
      throw Failure(
        .usage, "`\(subject.label)` holds predictions, which belong to a stimulus and a head already",
        hint: "leave out `\(flag == "stimulus" ? "on …" : "--" + flag)`", span: call.span(of: flag))
    }
    let cid = try call.optionalInt("cid")
    let position = try cid.map {
      try subject.predictions.cids.place(of: $0, in: subject.label, at: call.span(of: "cid"))
    }
    let cells = try DiagnosedCells(
      stored: subject.predictions, label: subject.label,
      areHeldOut: subject.split == Split.val.rawValue,
      cells: position.map { [$0] } ?? Array(subject.predictions.cids.indices), work: session.work)
    let diagnoses = try diagnoses(of: cells, session)
    var table =
      cid == nil ? CellDiagnosis.cells.table(diagnoses) : CellDiagnosis.causes.table(diagnoses.first?.causes ?? [])
    let origin =
      subject.isSplitKnown
      ? "of split \(subject.split)" : "of the file, which does not say whether they were trained on or held out"
    table.note =
      "\(cid.map { "cell \($0) of " } ?? "")\(subject.label), scored on all \(subject.predictions.frameCount) bins \(origin)"
    try session.keep(table, for: call, parent: subject.version)
    return .table(table)
  }

  private func diagnoses(of cells: DiagnosedCells, _ session: Session) throws -> [CellDiagnosis] {
    let progress = session.work.progress
    progress?.begin("causes", total: cells.cells.count, unit: "cells")
    defer { progress?.end() }
    let work = Work(cancellation: session.work.cancellation)
    return try cells.cells.indices.map { place in
      try work.cancellation.check()
      defer { progress?.advance(to: place + 1) }
      return CellDiagnosis(try Diagnosis(cells, place: place, work: work))
    }
  }
}

extension WhyCommand: AsksFrames {
  static let splits: [Split] = [.all]
}

extension Session {
  /// `REC/STIM`, or of a whole recording the stimulus that the twin was trained on.
  fileprivate func diagnosedStimulus(_ call: Call, of twin: LoadedTwin) throws -> LoadedStimulus {
    let text = try call.string("stimulus")
    let span = call.span(of: "stimulus")
    guard !text.contains("/"), let payload = try workspace.lookup(text)?.payload as? RecordingPayload else {
      return try loadStimulus(text, at: span).shown(to: twin, by: call)
    }
    let names = payload.stimuli.map(\.name)
    let trained = try trainedStimuli(of: twin.payload) ?? []
    let candidates = names.count == 1 ? names : names.filter(trained.contains)
    guard candidates.count == 1, let name = candidates.first else {
      throw Failure(
        .usage, "`\(text)` is a recording: choose one of \(names.map { "\(text)/\($0)" }.joined(separator: ", "))",
        hint: names.first.map { "\(call.signature.name) … on \(text)/\($0)" }, span: span)
    }
    return try loadStimulus("\(text)/\(name)", at: span).shown(to: twin, by: call)
  }
}
